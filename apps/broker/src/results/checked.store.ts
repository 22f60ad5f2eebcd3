import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { NewAttempt } from './results.store.js';

/** Evidence of executions that check others for the heap: they move neither their lease nor their job. */
@Injectable()
export class CheckedStore {
  async insert(tx: Transaction, attempts: readonly Omit<NewAttempt, 'place' | 'nth' | 'charge_micro'>[]): Promise<void> {
    await tx.query(
      `INSERT INTO attempt (job_id, index, epoch, lease_id, node_id, outcome, verdict, detail, exit_code, fuel_used, charge_micro, output,
         output_hash, output_bytes, logs, wall_ms, memory_peak_bytes)
       SELECT a.job_id, a.index, a.epoch, a.lease_id, a.node_id, a.outcome, a.verdict, a.detail, a.exit_code, a.fuel_used, 0, a.output,
         a.output_hash, a.output_bytes, a.logs, a.wall_ms, a.memory_peak_bytes
       FROM unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::uuid[], $6::attempt_outcome[], $7::text[], $8::text[], $9::int[],
         $10::bigint[], $11::bytea[], $12::text[], $13::int[], $14::text[], $15::float8[], $16::bigint[])
         AS a(job_id, index, epoch, lease_id, node_id, outcome, verdict, detail, exit_code, fuel_used, output, output_hash, output_bytes, logs,
           wall_ms, memory_peak_bytes)`,
      [
        attempts.map((a) => a.job_id),
        attempts.map((a) => a.index),
        attempts.map((a) => a.epoch),
        attempts.map((a) => a.lease_id),
        attempts.map((a) => a.node_id),
        attempts.map((a) => a.outcome),
        attempts.map((a) => a.verdict),
        attempts.map((a) => a.detail),
        attempts.map((a) => a.exit_code),
        attempts.map((a) => a.fuel_used),
        attempts.map((a) => a.output),
        attempts.map((a) => a.output_hash),
        attempts.map((a) => a.output_bytes),
        attempts.map((a) => a.logs),
        attempts.map((a) => a.wall_ms),
        attempts.map((a) => a.memory_peak_bytes),
      ],
    );
  }
}
