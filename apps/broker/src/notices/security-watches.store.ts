import { OFTEN_S, SINCE, type Watch } from './watches.js';

/** The part of an address that stays the same while a provider gives its customer new ones. */
const NETWORK = `CASE
  WHEN s.ip_address ~ '^[0-9]+(\\.[0-9]+){3}$' THEN host(network(set_masklen(s.ip_address::inet, 16)))
  WHEN s.ip_address ~ '^[0-9a-fA-F:]+$' AND s.ip_address LIKE '%:%' THEN host(network(set_masklen(s.ip_address::inet, 32)))
  ELSE '' END`;
const DEVICE = `md5(COALESCE(s.user_agent, '') || '|' || ${NETWORK})`;

/** Writes down devices that signed in for the first time; to be run before the watch on sign-ins, in its transaction. */
export const NEW_DEVICES = `INSERT INTO known_device (person_id, device)
  SELECT DISTINCT s.person_id, ${DEVICE} FROM session s WHERE s.created_at > $1 ORDER BY 1, 2 ON CONFLICT DO NOTHING`;

/** What everybody is told, as it may be somebody else's doing. */
export const SECURITY_WATCHES: readonly Watch[] = [
  {
    // Who signs up does so from a new device, which is no news.
    name: 'sign_ins',
    every_s: OFTEN_S,
    sql: `SELECT DISTINCT ON (s.person_id, k.device) s.person_id, 'security.sign_in' AS kind, 'device:' || k.device AS cause,
            jsonb_build_object('device', left(COALESCE(s.user_agent, ''), 300), 'address', COALESCE(s.ip_address, '')) AS params
          FROM known_device k JOIN session s ON s.person_id = k.person_id AND ${DEVICE} = k.device JOIN person p ON p.id = s.person_id
          WHERE k.first_seen_at > ${SINCE} AND s.created_at > ${SINCE} AND s.created_at > p.created_at + interval '1 minute'
          ORDER BY s.person_id, k.device, s.created_at`,
  },
  {
    name: 'credentials',
    every_s: OFTEN_S,
    sql: `SELECT id AS person_id, 'security.credentials' AS kind, 'credentials:' || extract(epoch FROM credentials_changed_at) AS cause, '{}'::jsonb AS params
          FROM person WHERE credentials_changed_at > ${SINCE}`,
  },
  {
    name: 'api_keys',
    every_s: OFTEN_S,
    sql: `SELECT person_id, 'security.api_key' AS kind, 'api_key:' || id AS cause, jsonb_build_object('api_key_id', id, 'name', COALESCE(name, '')) AS params
          FROM api_key WHERE created_at > ${SINCE}`,
  },
  {
    name: 'payout_accounts',
    every_s: OFTEN_S,
    sql: `SELECT person_id, 'security.payout_account' AS kind, 'bank:' || extract(epoch FROM bank_changed_at) AS cause, '{}'::jsonb AS params
          FROM payout_account WHERE bank_changed_at > ${SINCE} AND bank_changed_at > created_at + interval '1 minute'`,
  },
  {
    name: 'webhooks',
    every_s: OFTEN_S,
    sql: `SELECT person_id, 'webhook.disabled' AS kind, 'webhook:' || id || ':' || extract(epoch FROM disabled_at) AS cause,
            jsonb_build_object('webhook_id', id, 'host', substring(url FROM '^[a-z]+://([^/?#]+)'), 'sentence', reason) AS params
          FROM webhook WHERE disabled_at > ${SINCE}`,
  },
];
