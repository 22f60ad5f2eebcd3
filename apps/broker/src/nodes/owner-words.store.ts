import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { Body, DeviceRules, WordOrigin } from '#protocol';

/** The word of a device's owner, as the heap has it and as the device last said it. */
export interface WordRow {
  node_id: string;
  /** 0 where nobody has ruled. */
  version: number;
  origin: WordOrigin;
  rules: DeviceRules | null;
  set_at: Date | null;
  hold_version: number;
  hold_origin: WordOrigin;
  /** Whether the hold lasts, by the database's clock. */
  held: boolean;
  held_until: Date | null;
  remaining_ms: number | null;
  /** Null until the device has said what is in force. */
  heard_version: number | null;
  heard_origin: WordOrigin | null;
  heard_rules: DeviceRules | null;
  heard_since: Date | null;
  heard_hold_version: number;
  heard_hold_origin: WordOrigin;
  own_rules_only: boolean;
}

export interface Report {
  node_id: string;
  session_epoch: number;
  said: Body<'owner'>;
}

const COLUMNS = `w.node_id, w.version, w.origin, w.rules, w.set_at, w.hold_version, w.hold_origin, w.held_until,
  w.held AND COALESCE(w.held_until > now(), true) AS held,
  CASE WHEN w.held_until IS NOT NULL THEN GREATEST(0, ceil(extract(epoch FROM w.held_until - now()) * 1000)) END::float8 AS remaining_ms,
  w.heard_version, w.heard_origin, w.heard_rules, w.heard_since, w.heard_hold_version, w.heard_hold_origin, w.own_rules_only`;

/** The condition of the index `device_word_unheard`. */
const UNHEARD = `((w.origin = 'heap' AND NOT w.own_rules_only AND (w.version, w.origin) IS DISTINCT FROM (w.heard_version, w.heard_origin))
  OR (w.hold_origin = 'heap' AND (w.hold_version, w.hold_origin) IS DISTINCT FROM (w.heard_hold_version, w.heard_hold_origin)))`;

/** That what the device said (x) is newer than what the heap has (w): two that are as new are the device's (ADR 34). */
const newer = (what: 'version' | 'hold_version', origin: 'origin' | 'hold_origin') =>
  `(x.${what} > w.${what} OR (x.${what} = w.${what} AND x.${origin} = 'device' AND w.${origin} = 'heap'))`;
const [RULES_NEWER, HOLD_NEWER] = [newer('version', 'origin'), newer('hold_version', 'hold_origin')];

@Injectable()
export class OwnerWordsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Of an owner's own device; what nobody has said is missing. @returns undefined where there is no such device of theirs. */
  async find(
    owner_id: string,
    node_id: string,
    db: Queryable = this.database,
  ): Promise<{ word: WordRow | null; connected: boolean } | undefined> {
    const { rows } = await db.query<WordRow & { connected: boolean; said: boolean }>(
      `SELECT ${COLUMNS}, w.node_id IS NOT NULL AS said, n.state IN ('ONLINE', 'PAUSED') AS connected
       FROM node n LEFT JOIN device_word w ON w.node_id = n.id WHERE n.id = $1 AND n.owner_id = $2 AND n.state <> 'REVOKED'`,
      [node_id, owner_id],
    );
    return rows[0] && { word: rows[0].said ? rows[0] : null, connected: rows[0].connected };
  }

  /** Of these devices, those that have said something or were told something. */
  async of(node_ids: readonly string[]): Promise<WordRow[]> {
    const { rows } = await this.database.query<WordRow>(`SELECT ${COLUMNS} FROM device_word w WHERE w.node_id = ANY($1)`, [node_ids]);
    return rows;
  }

  /** Words that devices connected to this gateway have not confirmed. */
  async unheard(gateway_id: string, limit: number): Promise<WordRow[]> {
    const { rows } = await this.database.query<WordRow>(
      `SELECT ${COLUMNS} FROM device_word w JOIN node n ON n.id = w.node_id
       WHERE ${UNHEARD} AND n.gateway_id = $1 AND n.state IN ('ONLINE', 'PAUSED') LIMIT $2`,
      [gateway_id, limit],
    );
    return rows;
  }

  /** Rules for devices of this owner, each under the next version. @returns those that are the owner's. */
  async setRules(tx: Transaction, owner_id: string, node_ids: readonly string[], rules: DeviceRules): Promise<string[]> {
    const { rows } = await tx.query<{ node_id: string }>(
      `INSERT INTO device_word AS w (node_id, version, origin, rules, set_at)
       SELECT n.id, 1, 'heap', $3::jsonb, now() FROM node n
       WHERE n.id = ANY($2) AND n.owner_id = $1 AND n.state <> 'REVOKED' ORDER BY n.id
       ON CONFLICT (node_id) DO UPDATE SET version = GREATEST(w.version, COALESCE(w.heard_version, 0)) + 1, origin = 'heap', rules = excluded.rules,
         set_at = now()
       RETURNING w.node_id`,
      [owner_id, node_ids, JSON.stringify(rules)],
    );
    return rows.map((row) => row.node_id);
  }

  /** @param for_ms null until it is released; undefined releases. @returns those that are the owner's. */
  async setHold(tx: Transaction, owner_id: string, node_ids: readonly string[], for_ms: number | null | undefined): Promise<string[]> {
    const { rows } = await tx.query<{ node_id: string }>(
      `INSERT INTO device_word AS w (node_id, hold_version, hold_origin, held, held_until)
       SELECT n.id, 1, 'heap', $3, now() + make_interval(secs => $4::float8 / 1000) FROM node n
       WHERE n.id = ANY($2) AND n.owner_id = $1 AND n.state <> 'REVOKED' ORDER BY n.id
       ON CONFLICT (node_id) DO UPDATE SET hold_version = GREATEST(w.hold_version, w.heard_hold_version) + 1, hold_origin = 'heap',
         held = excluded.held, held_until = excluded.held_until
       RETURNING w.node_id`,
      [owner_id, node_ids, for_ms !== undefined, for_ms ?? null],
    );
    return rows.map((row) => row.node_id);
  }

  /**
   * Writes what devices say is in force on them, and takes over what is newer than what the heap has. Devices whose session is fenced are
   * missing from what it returns.
   */
  async heard(reports: readonly Report[]): Promise<WordRow[]> {
    const { rows } = await this.database.query<WordRow>(
      `INSERT INTO device_word AS w (node_id, version, origin, rules, set_at, hold_version, hold_origin, held, held_until,
         heard_version, heard_origin, heard_rules, heard_since, heard_hold_version, heard_hold_origin, own_rules_only)
       SELECT n.id, x.version, x.origin, CASE WHEN x.version > 0 THEN x.rules END, now() - make_interval(secs => x.since_ms / 1000),
         x.hold_version, x.hold_origin, x.held, now() + make_interval(secs => x.remaining_ms / 1000),
         x.version, x.origin, x.rules, now() - make_interval(secs => x.since_ms / 1000), x.hold_version, x.hold_origin, x.own_rules_only
       FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::jsonb[], $6::float8[], $7::int[], $8::text[], $9::bool[], $10::float8[], $11::bool[])
         AS x(id, epoch, version, origin, rules, since_ms, hold_version, hold_origin, held, remaining_ms, own_rules_only)
       JOIN node n ON n.id = x.id WHERE n.session_epoch = x.epoch ORDER BY n.id
       ON CONFLICT (node_id) DO UPDATE SET
         (version, origin, rules, set_at) = (SELECT x.version, x.origin, x.rules, x.set_at FROM (SELECT excluded.*) AS x WHERE ${RULES_NEWER}
           UNION ALL SELECT w.version, w.origin, w.rules, w.set_at LIMIT 1),
         (hold_version, hold_origin, held, held_until) = (SELECT x.hold_version, x.hold_origin, x.held, x.held_until FROM (SELECT excluded.*) AS x
           WHERE ${HOLD_NEWER} UNION ALL SELECT w.hold_version, w.hold_origin, w.held, w.held_until LIMIT 1),
         heard_version = excluded.heard_version, heard_origin = excluded.heard_origin, heard_rules = excluded.heard_rules,
         heard_since = excluded.heard_since, heard_hold_version = excluded.heard_hold_version, heard_hold_origin = excluded.heard_hold_origin,
         own_rules_only = excluded.own_rules_only
       RETURNING ${COLUMNS}`,
      [
        reports.map((r) => r.node_id),
        reports.map((r) => r.session_epoch),
        reports.map((r) => r.said.rules.version),
        reports.map((r) => r.said.rules.origin),
        reports.map((r) => JSON.stringify(r.said.rules.rules)),
        reports.map((r) => r.said.rules.since_ms),
        reports.map((r) => r.said.hold?.version ?? 0),
        reports.map((r) => r.said.hold?.origin ?? 'device'),
        reports.map((r) => r.said.hold?.held ?? false),
        reports.map((r) => (r.said.hold?.held ? r.said.hold.remaining_ms : null)),
        reports.map((r) => r.said.own_rules_only),
      ],
    );
    return rows;
  }

  async newDeviceRules(owner_id: string): Promise<DeviceRules | null> {
    const { rows } = await this.database.query<{ rules: DeviceRules }>('SELECT rules FROM new_device_rules WHERE owner_id = $1', [
      owner_id,
    ]);
    return rows[0]?.rules ?? null;
  }

  async setNewDeviceRules(owner_id: string, rules: DeviceRules | null): Promise<void> {
    if (rules === null) await this.database.query('DELETE FROM new_device_rules WHERE owner_id = $1', [owner_id]);
    else
      await this.database.query(
        `INSERT INTO new_device_rules (owner_id, rules) VALUES ($1, $2)
         ON CONFLICT (owner_id) DO UPDATE SET rules = excluded.rules, updated_at = now()`,
        [owner_id, JSON.stringify(rules)],
      );
  }

  /** A new device begins with what its owner wants of new devices, if they have said so. */
  async begin(tx: Transaction, owner_id: string, node_id: string): Promise<void> {
    await tx.query(
      `INSERT INTO device_word (node_id, version, origin, rules, set_at)
       SELECT $2, 1, 'heap', rules, now() FROM new_device_rules WHERE owner_id = $1`,
      [owner_id, node_id],
    );
  }
}
