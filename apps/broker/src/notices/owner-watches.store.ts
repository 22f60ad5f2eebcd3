import { OFTEN_S, SELDOM_S, SINCE, type Watch } from './watches.js';

const device = `jsonb_build_object('node_id', n.id, 'name', n.name)`;
const penalty = `jsonb_build_object('penalty_id', p.id, 'name', COALESCE(n.name, 'a device'), 'sentence', p.sentence)`;
const payout = `jsonb_build_object('payout_id', p.id, 'amount_micro', p.amount::text)`;
const TODAY = `(date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')`;

/** What owners are told. */
export const OWNER_WATCHES: readonly Watch[] = [
  {
    name: 'devices_lost',
    every_s: SELDOM_S,
    sql: `SELECT n.owner_id AS person_id, 'device.lost' AS kind, 'lost:' || n.id || ':' || n.session_epoch AS cause,
            ${device} || jsonb_build_object('epoch', n.session_epoch) AS params
          FROM node n
          WHERE n.state = 'DISCONNECTED' AND n.last_seen_at < now() - interval '30 minutes' AND n.last_seen_at > ${SINCE} - interval '1 day'`,
  },
  {
    name: 'devices_back',
    every_s: SELDOM_S,
    sql: `SELECT n.owner_id AS person_id, 'device.back' AS kind, 'back:' || n.id || ':' || (l.params->>'epoch') AS cause, ${device} AS params
          FROM notice l JOIN node n ON n.id = (l.params->>'node_id')::uuid AND n.owner_id = l.person_id
          WHERE l.kind = 'device.lost' AND l.created_at > now() - interval '3 days' AND n.state IN ('ONLINE', 'PAUSED')
            AND n.session_epoch > (l.params->>'epoch')::int`,
  },
  {
    name: 'devices_hot',
    every_s: OFTEN_S,
    sql: `SELECT DISTINCT ON (n.id, c.changed_at::date) c.owner_id AS person_id, 'device.hot' AS kind, 'hot:' || n.id || ':' || c.changed_at::date AS cause,
            ${device} || jsonb_build_object('sentence', c.reason_sentence) AS params
          FROM presence_change c JOIN node n ON n.id = c.node_id
          WHERE c.changed_at > ${SINCE} AND c.state = 'paused' AND c.reason_code IN ('too_hot', 'cpu_too_hot') ORDER BY n.id, c.changed_at::date, c.seq`,
  },
  {
    name: 'penalties',
    every_s: OFTEN_S,
    sql: `SELECT p.owner_id AS person_id, CASE p.kind WHEN 'probation' THEN 'penalty.warning' ELSE 'penalty.issued' END AS kind,
            'penalty:' || p.id AS cause, ${penalty} AS params
          FROM penalty p LEFT JOIN node n ON n.id = p.node_id WHERE p.created_at > ${SINCE}
          UNION ALL
          SELECT p.owner_id, 'penalty.decided', 'penalty:' || p.id || ':decided',
            ${penalty} || jsonb_build_object('sentence', p.decision, 'upheld', p.state = 'ACTIVE')
          FROM penalty p LEFT JOIN node n ON n.id = p.node_id
          WHERE p.decided_at > ${SINCE} AND p.state <> 'LAPSED' AND p.decision IS NOT NULL
          UNION ALL
          SELECT p.owner_id, 'penalty.lapsed', 'penalty:' || p.id || ':lapsed', ${penalty} - 'sentence'
          FROM penalty p LEFT JOIN node n ON n.id = p.node_id
          WHERE p.state = 'LAPSED' AND p.created_at > ${SINCE} - interval '80 days'
            AND EXISTS (SELECT 1 FROM notice i WHERE i.person_id = p.owner_id AND i.cause = 'penalty:' || p.id)`,
  },
  {
    name: 'first_earnings',
    every_s: OFTEN_S,
    sql: `SELECT person_id, 'earnings.first' AS kind, 'first' AS cause, '{}'::jsonb AS params FROM earner WHERE first_earned_at > ${SINCE}`,
  },
  {
    // Once a day, when the last look was on the day before: it reads all captures.
    name: 'released',
    every_s: SELDOM_S,
    sql: `SELECT owner_id AS person_id, 'earnings.released' AS kind, 'released:' || day AS cause,
            jsonb_build_object('amount_micro', sum(net - refunded_net)::text, 'day', day) AS params
          FROM (SELECT *, to_char(released_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day FROM capture
                WHERE ${SINCE} < ${TODAY} AND released_at >= ${TODAY} - interval '1 day' AND released_at < ${TODAY}
                  AND state IN ('RELEASED', 'SPLIT') AND NOT own_use) c
          GROUP BY owner_id, day HAVING sum(net - refunded_net) > 0`,
  },
  {
    name: 'threshold',
    every_s: SELDOM_S,
    sql: `SELECT a.person_id, 'earnings.threshold' AS kind,
            'threshold:' || (SELECT count(*) FROM payout p WHERE p.person_id = a.person_id) AS cause,
            jsonb_build_object('available_micro', (-a.balance)::text, 'minimum_micro', m.least::text) AS params
          FROM ledger_account a LEFT JOIN payout_terms t ON t.person_id = a.person_id
          CROSS JOIN LATERAL (SELECT COALESCE(t.minimum, (SELECT minimum FROM given)) AS least) m
          WHERE a.code = 2110 AND a.person_id IS NOT NULL AND a.currency = (SELECT currency FROM given) AND -a.balance >= m.least`,
  },
  {
    name: 'payouts',
    every_s: OFTEN_S,
    sql: `SELECT p.person_id, k.kind, 'payout:' || p.id || ':' || k.kind AS cause,
            CASE k.kind WHEN 'payout.failed' THEN ${payout} || jsonb_build_object('sentence', p.reason) ELSE ${payout} END AS params
          FROM payout p CROSS JOIN LATERAL (SELECT CASE
            WHEN p.state IN ('TRANSFERRED', 'BANK_PENDING') THEN 'payout.sent'
            WHEN p.state = 'PAID' THEN 'payout.paid'
            WHEN p.state IN ('REJECTED', 'TRANSFER_FAILED', 'BANK_FAILED') THEN 'payout.failed' END AS kind) k
          WHERE p.updated_at > ${SINCE} AND k.kind IS NOT NULL`,
  },
  {
    name: 'objections_to_work',
    every_s: OFTEN_S,
    sql: `SELECT c.owner_id AS person_id, 'objection.work' AS kind, 'objection:' || o.id || ':work' AS cause,
            jsonb_build_object('objection_id', o.id, 'amount_micro', sum(c.amount)::text, 'refund_micro', sum(COALESCE(c.refund, 0))::text,
              'sentence', COALESCE(o.decision, '')) AS params
          FROM objection o JOIN objection_capture c ON c.objection_id = o.id WHERE o.decided_at > ${SINCE} GROUP BY o.id, c.owner_id`,
  },
];
