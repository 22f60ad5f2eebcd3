import { OFTEN_S, SELDOM_S, SINCE, type Watch } from './watches.js';

const ADMINS = `JOIN person ap ON 'admin' = ANY(ap.roles)`;
const HOUR = `to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24')`;

/** What admins are told. */
export const ADMIN_WATCHES: readonly Watch[] = [
  {
    name: 'invariants',
    every_s: OFTEN_S,
    sql: `SELECT DISTINCT ON (ap.id, c.invariant) ap.id AS person_id, 'heap.invariant' AS kind, 'invariant:' || c.invariant || ':' || c.checked_at::date AS cause,
            jsonb_build_object('invariant', c.invariant, 'detail', c.detail) AS params
          FROM invariant_check c ${ADMINS} WHERE NOT c.holds AND c.checked_at > ${SINCE} ORDER BY ap.id, c.invariant, c.checked_at DESC`,
  },
  {
    name: 'solvency',
    every_s: SELDOM_S,
    sql: `SELECT ap.id AS person_id, 'heap.insolvent' AS kind, 'insolvent:' || current_date AS cause,
            jsonb_build_object('missing_micro', (-s.surplus)::text) AS params
          FROM (SELECT sum(balance)::bigint AS surplus FROM ledger_account
                WHERE code BETWEEN 1000 AND 2999 AND currency = (SELECT currency FROM given)) s ${ADMINS} WHERE s.surplus < 0`,
  },
  {
    name: 'disconnects',
    every_s: SELDOM_S,
    sql: `SELECT ap.id AS person_id, 'heap.disconnects' AS kind, 'disconnects:' || ${HOUR} AS cause,
            jsonb_build_object('lost', c.lost, 'known', c.known) AS params
          FROM (SELECT count(*) FILTER (WHERE state = 'DISCONNECTED' AND last_seen_at BETWEEN now() - interval '5 minutes' AND now() - interval '20 seconds') AS lost,
                  count(*) FILTER (WHERE state IN ('ONLINE', 'PAUSED') OR last_seen_at > now() - interval '5 minutes') AS known FROM node) c ${ADMINS}
          WHERE c.lost >= 10 AND c.lost * 5 >= c.known`,
  },
  {
    name: 'leaders',
    every_s: SELDOM_S,
    sql: `SELECT ap.id AS person_id, 'heap.leaderless' AS kind, 'leaderless:' || b.market || ':' || ${HOUR} AS cause,
            jsonb_build_object('market', b.market) AS params
          FROM market_beat b ${ADMINS} WHERE b.seen_at < now() - interval '1 minute' AND b.seen_at > now() - interval '1 day'`,
  },
  {
    name: 'journals_by_hand',
    every_s: OFTEN_S,
    sql: `SELECT ap.id AS person_id, 'heap.journal_waits' AS kind, 'manual:' || m.id AS cause,
            jsonb_build_object('manual_id', m.id, 'reason', m.reason) AS params
          FROM manual_journal m ${ADMINS} AND ap.id <> m.proposed_by WHERE m.state = 'PROPOSED' AND m.proposed_at > ${SINCE}`,
  },
];
