import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Body } from '#protocol';

export interface GiveBackRow {
  at: Date;
  reason_code: string;
  reason_sentence: string;
  took_ms: number;
  leases: number;
}

/** As a heartbeat says it; what the device cannot tell is missing. */
export type Felt = Omit<Body<'hb'>, 'running'>;

const GIVE_BACKS_KEPT = 256;
const SAMPLE_EVERY = "interval '15 minutes'";
const SAMPLES_KEPT = "interval '1 day'";

/** What devices tell of their lives: when they were given back, and what they feel. */
@Injectable()
export class DeviceLifeStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async gaveBack(node_id: string, { reason, took_ms, leases, ago_ms }: Body<'given'>): Promise<void> {
    await this.database.query(
      `WITH old AS (
         DELETE FROM give_back WHERE node_id = $1
           AND id <= (SELECT id FROM give_back WHERE node_id = $1 ORDER BY id DESC OFFSET ${GIVE_BACKS_KEPT - 1} LIMIT 1)
       )
       INSERT INTO give_back (node_id, at, reason_code, reason_sentence, took_ms, leases)
       VALUES ($1, now() - make_interval(secs => $2::float8 / 1000), $3, $4, $5, $6)`,
      [node_id, ago_ms, reason.code, reason.sentence, took_ms, leases],
    );
  }

  /** Newest first. */
  async giveBacks(node_id: string): Promise<GiveBackRow[]> {
    const { rows } = await this.database.query<GiveBackRow>(
      `SELECT at, reason_code, reason_sentence, took_ms, leases FROM give_back WHERE node_id = $1 ORDER BY at DESC, id DESC LIMIT ${GIVE_BACKS_KEPT}`,
      [node_id],
    );
    return rows;
  }

  /** The last that was heard of each, and now and then a sample of those with a battery or a thermometer. */
  async felt(nodes: readonly { node_id: string; felt: Felt }[]): Promise<void> {
    if (nodes.length === 0) return;
    await this.database.query(
      `WITH told AS (
         UPDATE node n SET readings = x.readings, readings_at = now()
         FROM (SELECT n.id, x.readings FROM unnest($1::uuid[], $2::jsonb[]) AS x(id, readings) JOIN node n ON n.id = x.id ORDER BY n.id
               FOR NO KEY UPDATE OF n) AS x WHERE n.id = x.id
         RETURNING n.id, n.readings
       )
       INSERT INTO node_sample (node_id, at, readings) SELECT t.id, now(), t.readings FROM told t
       WHERE (t.readings ? 'battery' OR t.readings ? 'temperature_c')
         AND NOT EXISTS (SELECT 1 FROM node_sample s WHERE s.node_id = t.id AND s.at > now() - ${SAMPLE_EVERY})`,
      [nodes.map((n) => n.node_id), nodes.map((n) => JSON.stringify(n.felt))],
    );
  }

  /** Oldest first. */
  async samples(node_id: string): Promise<{ at: Date; readings: Felt }[]> {
    const { rows } = await this.database.query<{ at: Date; readings: Felt }>(
      `SELECT at, readings FROM node_sample WHERE node_id = $1 AND at > now() - ${SAMPLES_KEPT} ORDER BY at`,
      [node_id],
    );
    return rows;
  }

  async forget(): Promise<void> {
    await this.database.query(`DELETE FROM node_sample WHERE at < now() - ${SAMPLES_KEPT}`);
  }
}
