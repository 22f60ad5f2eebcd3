import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import type { Micro, VolumeClass } from '#units';

export interface VolumeRow {
  id: string;
  person_id: string;
  name: string;
  class: VolumeClass;
  gigabytes: number;
  state: 'WAITING' | 'READY' | 'GRACE' | 'ENDED';
  reason_code: string;
  reason_sentence: string;
  reservation_id: string | null;
  request_hash: string;
  repaired_bytes: bigint;
  grace_hours: number;
  ends_at: Date | null;
  deletes_at: Date | null;
  created_at: Date;
  ended_at: Date | null;
  /** Of its reservation; nothing before there is one. */
  wanted: number;
  hours: number | null;
  max_price_micro: Micro;
  budget_micro: Micro;
  charged_micro: Micro;
  reserving_code: string;
  reserving_sentence: string;
  /** The reservation is not over. */
  live: boolean;
  leased: number;
  files: number;
  bytes: bigint;
}

export type NewVolume = Pick<
  VolumeRow,
  'id' | 'person_id' | 'name' | 'class' | 'gigabytes' | 'reason_code' | 'reason_sentence' | 'request_hash' | 'grace_hours'
> & {
  idempotency_key: string;
};

const SELECT = `SELECT v.*, COALESCE(r.quantity, 0) AS wanted, r.hours, COALESCE(r.max_price_micro, 0) AS max_price_micro, COALESCE(r.budget_micro, 0) AS budget_micro,
    COALESCE(r.charged_micro, 0) AS charged_micro, COALESCE(r.reason_code, 'next_round') AS reserving_code, COALESCE(r.reason_sentence, '') AS reserving_sentence,
    COALESCE(r.state IN ('WAITING', 'RUNNING'), true) AS live,
    (SELECT COALESCE(sum(l.quantity), 0)::int FROM kept_lease l WHERE l.reservation_id = r.id AND l.state <> 'ENDED') AS leased,
    (SELECT count(*)::int FROM volume_file f WHERE f.volume_id = v.id AND f.state <> 'DELETED') AS files,
    (SELECT COALESCE(sum(s.data_bytes), 0)::bigint FROM volume_segment s JOIN volume_file f ON f.id = s.file_id
     WHERE s.volume_id = v.id AND f.state <> 'DELETED') AS bytes
  FROM volume v LEFT JOIN reservation r ON r.id = v.reservation_id`;

@Injectable()
export class VolumesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async findByKey(person_id: string, idempotency_key: string): Promise<VolumeRow | null> {
    const { rows } = await this.database.query<VolumeRow>(`${SELECT} WHERE v.person_id = $1 AND v.idempotency_key = $2`, [
      person_id,
      idempotency_key,
    ]);
    return rows[0] ?? null;
  }

  async find(id: string, person_id: string): Promise<VolumeRow | null> {
    const { rows } = await this.database.query<VolumeRow>(`${SELECT} WHERE v.id = $1 AND v.person_id = $2`, [id, person_id]);
    return rows[0] ?? null;
  }

  async list(person_id: string, before: string | undefined, limit: number): Promise<VolumeRow[]> {
    const { rows } = await this.database.query<VolumeRow>(
      `${SELECT} WHERE v.person_id = $1 AND ($2::uuid IS NULL OR v.id < $2) ORDER BY v.id DESC LIMIT $3`,
      [person_id, before ?? null, limit],
    );
    return rows;
  }

  /** @returns false when the key is known. */
  async insert(v: NewVolume): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `INSERT INTO volume (id, person_id, name, class, gigabytes, reason_code, reason_sentence, idempotency_key, request_hash, grace_hours)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (person_id, idempotency_key) DO NOTHING`,
      [v.id, v.person_id, v.name, v.class, v.gigabytes, v.reason_code, v.reason_sentence, v.idempotency_key, v.request_hash, v.grace_hours],
    );
    return rowCount === 1;
  }

  async setReservation(id: string, reservation_id: string): Promise<void> {
    await this.database.query('UPDATE volume SET reservation_id = $2 WHERE id = $1 AND reservation_id IS NULL', [id, reservation_id]);
  }

  /** One that no reservation was made for: it was refused. */
  async forget(id: string): Promise<void> {
    await this.database.query('DELETE FROM volume WHERE id = $1 AND reservation_id IS NULL', [id]);
  }

  /** Those that are not over, whose reservation is. */
  async over(): Promise<{ id: string; person_id: string; in_grace: boolean; code: string; sentence: string }[]> {
    const { rows } = await this.database.query<{ id: string; person_id: string; in_grace: boolean; code: string; sentence: string }>(
      `SELECT v.id, v.person_id, v.state = 'GRACE' AND r.state <> 'CANCELLED' AS in_grace, r.reason_code AS code, r.reason_sentence AS sentence FROM volume v JOIN reservation r ON r.id = v.reservation_id
       WHERE v.state <> 'ENDED' AND r.state NOT IN ('WAITING', 'RUNNING') LIMIT 100`,
    );
    return rows;
  }

  /** Those that wait for devices, or all that are not over, to see whether they have enough. */
  async open(
    all: boolean,
  ): Promise<Pick<VolumeRow, 'id' | 'person_id' | 'class' | 'state' | 'reason_code' | 'reason_sentence' | 'reservation_id'>[]> {
    const { rows } = await this.database.query<VolumeRow>(
      "SELECT id, person_id, class, state, reason_code, reason_sentence, reservation_id FROM volume WHERE state IN ('WAITING', 'READY') AND (state = 'WAITING' OR $1) AND reservation_id IS NOT NULL",
      [all],
    );
    return rows;
  }

  /** @returns whether this changed it. */
  async say(id: string, state: 'WAITING' | 'READY', reason: { code: string; sentence: string }): Promise<boolean> {
    const { rowCount } = await this.database.query(
      `UPDATE volume SET state = $2::volume_state, reason_code = $3, reason_sentence = $4
       WHERE id = $1 AND state IN ('WAITING', 'READY') AND (state, reason_code, reason_sentence) IS DISTINCT FROM ($2::volume_state, $3, $4)`,
      [id, state, reason.code, reason.sentence],
    );
    return rowCount === 1;
  }

  async end(tx: Transaction, id: string, reason: { code: string; sentence: string }): Promise<boolean> {
    const { rowCount } = await tx.query(
      "UPDATE volume SET state = 'ENDED', reason_code = $2, reason_sentence = $3, ended_at = now() WHERE id = $1 AND state <> 'ENDED'",
      [id, reason.code, reason.sentence],
    );
    return rowCount === 1;
  }

  /** Whoever places pieces of a volume does so one after the other, so that no lease gets more than it holds. */
  async lock(tx: Transaction, id: string): Promise<void> {
    await tx.query('SELECT 1 FROM volume WHERE id = $1 FOR NO KEY UPDATE', [id]);
  }

  async addRepaired(id: string, bytes: number): Promise<void> {
    await this.database.query('UPDATE volume SET repaired_bytes = repaired_bytes + $2 WHERE id = $1', [id, bytes]);
  }
}
