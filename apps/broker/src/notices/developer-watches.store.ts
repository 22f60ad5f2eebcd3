import { OFTEN_S, SELDOM_S, SINCE, type Watch } from './watches.js';

const job = `jsonb_build_object('job_id', j.id, 'name', j.name)`;
const said = `jsonb_build_object('sentence', j.reason_sentence)`;
const deposit = `jsonb_build_object('deposit_id', d.id, 'amount_micro', d.amount::text)`;
const utc = (at: string) => `to_char(${at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const volume = `jsonb_build_object('volume_id', v.id, 'name', v.name, 'ends_at', ${utc('v.ends_at')}, 'deletes_at', ${utc('v.deletes_at')})`;
const LIVE = `j.state IN ('QUEUED', 'RUNNING')`;
/** Nothing is wrong with a job that waits for these. */
const HARMLESS = `('next_round', 'no_inputs', 'open_for_inputs', 'running', 'finishing', 'in_check', 'day_cap')`;

/** What developers are told. */
export const DEVELOPER_WATCHES: readonly Watch[] = [
  {
    name: 'jobs_over',
    every_s: OFTEN_S,
    sql: `SELECT j.person_id, k.kind, 'job:' || j.id || ':over' AS cause,
            CASE k.kind WHEN 'job.done' THEN ${job} || ${said} || jsonb_build_object('charged_micro', j.charged_micro::text) ELSE ${job} || ${said} END AS params
          FROM job j CROSS JOIN LATERAL (SELECT CASE
            WHEN j.state = 'DONE' AND j.failed = 0 THEN 'job.done'
            WHEN j.reason_code = 'budget_exhausted' THEN 'job.capped'
            WHEN j.reason_code <> 'cancelled_by_developer' THEN 'job.failed' END AS kind) k
          WHERE j.finished_at > ${SINCE} AND k.kind IS NOT NULL`,
  },
  {
    name: 'jobs_waiting',
    every_s: SELDOM_S,
    sql: `SELECT j.person_id, 'job.capped' AS kind, 'job:' || j.id || ':day_cap:' || current_date AS cause, ${job} || ${said} AS params
          FROM job j WHERE ${LIVE} AND j.reason_code = 'day_cap'
          UNION ALL
          SELECT j.person_id, 'job.budget_low', 'job:' || j.id || ':budget', ${job} || jsonb_build_object('charged_micro', j.charged_micro::text,
            'budget_micro', j.budget_micro::text, 'queued', j.queued)
          FROM job j WHERE ${LIVE} AND j.queued > 0 AND j.charged_micro * 5 >= j.budget_micro * 4 AND j.budget_micro > 0
          UNION ALL
          SELECT j.person_id, 'job.waiting', 'job:' || j.id || ':waiting', ${job} || ${said} || jsonb_build_object('code', j.reason_code)
          FROM job j WHERE ${LIVE} AND j.queued > 0 AND j.leased = 0 AND j.created_at < now() - interval '10 minutes'
            AND j.created_at > ${SINCE} - interval '1 day' AND j.reason_code NOT IN ${HARMLESS}`,
  },
  {
    name: 'reservations',
    every_s: OFTEN_S,
    sql: `SELECT r.person_id, 'reservation.ended' AS kind, 'reservation:' || r.id AS cause,
            jsonb_build_object('reservation_id', r.id, 'name', r.name, 'sentence', r.reason_sentence) AS params
          FROM reservation r WHERE r.finished_at > ${SINCE} AND r.state <> 'CANCELLED' AND NOT EXISTS (SELECT 1 FROM volume v WHERE v.reservation_id = r.id)`,
  },
  {
    // Reservations of volumes end with them: that is one thing to hear of.
    name: 'volumes',
    every_s: SELDOM_S,
    sql: `SELECT v.person_id, k.kind, 'volume:' || v.id || ':' || k.kind || ':' || v.renewals AS cause, ${volume} AS params
          FROM volume v CROSS JOIN LATERAL (SELECT CASE WHEN v.state = 'GRACE' THEN 'volume.grace' ELSE 'volume.ending' END AS kind) k
          WHERE v.ends_at IS NOT NULL AND (v.state = 'GRACE' OR v.state IN ('WAITING', 'READY')
            AND v.ends_at < now() + LEAST(interval '7 days', (v.ends_at - v.created_at) / 4))
          UNION ALL
          SELECT v.person_id, 'volume.ended', 'volume:' || v.id || ':over', jsonb_build_object('volume_id', v.id, 'name', v.name, 'sentence', v.reason_sentence)
          FROM volume v WHERE v.ended_at > ${SINCE} AND v.reason_code <> 'deleted_by_developer'`,
  },
  {
    name: 'objections',
    every_s: OFTEN_S,
    sql: `SELECT o.person_id, 'objection.decided' AS kind, 'objection:' || o.id AS cause,
            jsonb_build_object('objection_id', o.id, 'job_id', o.job_id, 'refund_micro', COALESCE(o.refund, 0)::text, 'sentence', COALESCE(o.decision, '')) AS params
          FROM objection o WHERE o.decided_at > ${SINCE}`,
  },
  {
    name: 'deposits',
    every_s: OFTEN_S,
    sql: `SELECT d.person_id, 'deposit.arrived' AS kind, 'deposit:' || d.id AS cause, ${deposit} AS params
          FROM deposit d WHERE d.succeeded_at > ${SINCE}
          UNION ALL
          SELECT d.person_id, 'deposit.failed', 'deposit:' || d.id || ':failed',
            ${deposit} || jsonb_build_object('sentence', COALESCE(d.reason, 'The payment was refused.'))
          FROM deposit d WHERE d.state = 'FAILED' AND d.created_at > ${SINCE} - interval '2 days'
          UNION ALL
          SELECT r.person_id, 'deposit.refunded', 'refund:' || r.id, jsonb_build_object('deposit_id', r.deposit_id, 'amount_micro', r.amount::text)
          FROM deposit_refund r WHERE r.state = 'SUCCEEDED' AND r.updated_at > ${SINCE}
          UNION ALL
          SELECT p.person_id, 'deposit.disputed', 'dispute:' || p.id, jsonb_build_object('deposit_id', p.deposit_id, 'amount_micro', p.amount::text)
          FROM payment_dispute p WHERE p.opened_at > ${SINCE}`,
  },
  {
    // What is held for jobs is not gone: it counts.
    name: 'funds',
    every_s: SELDOM_S,
    sql: `SELECT d.person_id, 'funds.low' AS kind, 'funds:' || d.id AS cause, jsonb_build_object('available_micro', b.left_micro::text) AS params
          FROM (SELECT DISTINCT ON (person_id) id, person_id, amount FROM deposit
                WHERE state = 'SUCCEEDED' AND succeeded_at > ${SINCE} - interval '80 days' ORDER BY person_id, succeeded_at DESC) d
          CROSS JOIN LATERAL (SELECT COALESCE(-sum(a.balance), 0)::bigint AS left_micro FROM ledger_account a
            WHERE a.person_id = d.person_id AND a.code IN (2000, 2010, 2020) AND a.currency = (SELECT currency FROM given)) b
          WHERE b.left_micro * 10 < d.amount`,
  },
];
