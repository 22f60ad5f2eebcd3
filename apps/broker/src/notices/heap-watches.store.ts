import { OFTEN_S, SINCE, type Watch } from './watches.js';

const ADMINS = `JOIN person ap ON 'admin' = ANY(ap.roles)`;

/** What admins are told. */
export const ADMIN_WATCHES: readonly Watch[] = [
  {
    name: 'alerts',
    every_s: OFTEN_S,
    sql: `SELECT ap.id AS person_id, CASE a.severity WHEN 'critical' THEN 'heap.alarm' ELSE 'heap.warning' END AS kind, 'alert:' || a.id AS cause,
            jsonb_build_object('code', a.code, 'sentence', a.sentence, 'link', a.link) AS params
          FROM heap_alert a ${ADMINS} WHERE a.raised_at > ${SINCE} AND a.severity IN ('critical', 'warning')`,
  },
  {
    name: 'journals_by_hand',
    every_s: OFTEN_S,
    sql: `SELECT ap.id AS person_id, 'heap.journal_waits' AS kind, 'manual:' || m.id AS cause,
            jsonb_build_object('manual_id', m.id, 'reason', m.reason) AS params
          FROM manual_journal m ${ADMINS} AND ap.id <> m.proposed_by WHERE m.state = 'PROPOSED' AND m.proposed_at > ${SINCE}`,
  },
];
