import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { TaskOutcome } from '#protocol';
import type { Micro, NodeKind } from '#units';

export interface OutcomeRow {
  seq: number;
  index: number;
  verdict: TaskOutcome['verdict'];
  detail: string | null;
  exit_code: number | null;
  fuel_used: bigint;
  charge_micro: Micro;
  node_id: string;
  /** Of the node, for an estimate of the energy. */
  kind: NodeKind;
  speed_fuel_per_ms: number;
  lease_id: string;
  output: Buffer | null;
  output_hash: string;
  output_bytes: number;
  logs: string;
}

export interface TaskRow {
  index: number;
  state: 'QUEUED' | 'LEASED' | 'DONE' | 'FAILED' | 'CANCELLED';
  job_stopped: boolean;
  epoch: number;
  failures: number;
  node_id: string | null;
  ahead: number;
  max_attempts: number;
  fuel_limit: bigint;
  output_bytes_limit: number;
  wall_ms_limit: number;
}

export interface AttemptRow extends Omit<OutcomeRow, 'seq' | 'index' | 'verdict' | 'output'> {
  epoch: number;
  outcome: 'accepted' | 'retried' | 'lost' | 'superseded';
  verdict: TaskOutcome['verdict'] | null;
  finished_at: Date;
}

/** Reads of what happened to tasks. */
@Injectable()
export class OutcomesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Settled tasks after a place in the job's order of settlement. */
  async after(job_id: string, seq: number, limit: number): Promise<OutcomeRow[]> {
    const { rows } = await this.database.query<OutcomeRow>(
      `SELECT seq, index, verdict, detail, exit_code, fuel_used, charge_micro, node_id, kind, speed_fuel_per_ms, lease_id, output, output_hash, output_bytes, logs
       FROM attempt JOIN node ON node.id = node_id WHERE job_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
      [job_id, seq, limit],
    );
    return rows;
  }

  async task(job_id: string, index: number): Promise<TaskRow | null> {
    const { rows } = await this.database.query<TaskRow>(
      `SELECT t.index, t.state, j.state = 'STOPPED' AS job_stopped, t.epoch, t.failures, l.node_id, j.max_attempts, j.fuel_limit, j.output_bytes_limit, j.wall_ms_limit,
         (SELECT count(*)::int FROM task a WHERE a.job_id = t.job_id AND a.state = 'QUEUED' AND a.index < t.index) AS ahead
       FROM task t JOIN job j ON j.id = t.job_id LEFT JOIN lease l ON l.id = t.lease_id WHERE t.job_id = $1 AND t.index = $2`,
      [job_id, index],
    );
    return rows[0] ?? null;
  }

  async attempts(job_id: string, index: number): Promise<AttemptRow[]> {
    const { rows } = await this.database.query<AttemptRow>(
      `SELECT epoch, node_id, kind, speed_fuel_per_ms, lease_id, outcome, verdict, detail, exit_code, fuel_used, charge_micro, output_hash, output_bytes, logs,
         finished_at
       FROM attempt JOIN node ON node.id = node_id WHERE job_id = $1 AND index = $2 ORDER BY epoch`,
      [job_id, index],
    );
    return rows;
  }
}
