import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { Micro } from '#units';
import type { Claim, ConfirmedBy, Level } from '#verification';
import type { PaidCheck } from './check-pay.store.js';

/** What the reference run came to, as it is kept beside a wrong result. */
export interface RightResult extends Claim {
  /** Null beyond 32 KiB: a blob by its hash. */
  output: Buffer | null;
  output_bytes: number;
}

/** A result of a node that is not final. */
export interface OpenResult {
  job_id: string;
  index: number;
  of_epoch: number;
  level: Level;
  confirmed_by: ConfirmedBy;
  /** Results that its node reported after it. */
  later_results: number;
}

export interface Refuted {
  job_id: string;
  index: number;
  epoch: number;
  node_id: string;
  check_id: string;
  reason: { code: string; sentence: string };
  right: RightResult;
}

/** A device that is in although its owner is out, with what its owner is out for. */
export interface Follower {
  node_id: string;
  owner_id: string;
  job_id: string;
  index: number;
  epoch: number;
  code: string;
  sentence: string;
}

/** Wrong results, and what is open of the nodes that gave them. */
@Injectable()
export class ProofsStore {
  /** @returns false when it was known to be wrong: its node was punished for it then. */
  async refute(tx: Transaction, r: Refuted): Promise<boolean> {
    const { rowCount } = await tx.query(
      `INSERT INTO refuted_result (job_id, index, epoch, node_id, check_id, reason_code, reason_sentence, right_verdict, right_exit_code, right_fuel,
         right_output, right_output_hash, right_output_bytes)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING`,
      [
        r.job_id,
        r.index,
        r.epoch,
        r.node_id,
        r.check_id,
        r.reason.code,
        r.reason.sentence,
        r.right.verdict,
        r.right.exit_code,
        r.right.fuel_used,
        r.right.output,
        r.right.output_hash,
        r.right.output_bytes,
      ],
    );
    return rowCount === 1;
  }

  /** What of a node can still be proven wrong and is not being looked at. @param windows results that make one final, by level */
  async open(tx: Transaction, node_id: string, windows: ReadonlyMap<Level, number>): Promise<OpenResult[]> {
    const { rows } = await tx.query<OpenResult>(
      `SELECT a.job_id, a.index, a.epoch AS of_epoch, w.level, CASE
           WHEN EXISTS (SELECT 1 FROM result_check c WHERE c.job_id = a.job_id AND c.index = a.index AND c.state = 'AGREED' AND c.by_reference) THEN 'reference'
           WHEN EXISTS (SELECT 1 FROM result_check c WHERE c.job_id = a.job_id AND c.index = a.index AND c.state = 'AGREED') THEN 'node'
           ELSE 'nobody' END AS confirmed_by, (s.results - a.nth)::int AS later_results
       FROM node_standing s JOIN attempt a ON a.node_id = s.node_id AND a.nth > s.closed AND a.nth > s.results - (SELECT max(r) FROM unnest($3::int[]) AS r)
       JOIN job j ON j.id = a.job_id JOIN unnest($2::text[], $3::int[]) AS w(level, results) ON w.level = j.order_terms->>'verification'
       WHERE s.node_id = $1 AND a.nth + w.results > s.results AND a.outcome = 'accepted'
         AND NOT EXISTS (SELECT 1 FROM refuted_result r WHERE r.job_id = a.job_id AND r.index = a.index AND r.epoch = a.epoch)
         AND NOT EXISTS (SELECT 1 FROM result_check c WHERE c.job_id = a.job_id AND c.index = a.index AND c.of_epoch = a.epoch AND c.state IN ('WANTED', 'OUT'))
       ORDER BY a.nth`,
      [node_id, [...windows.keys()], [...windows.values()]],
    );
    return rows;
  }

  /** The owner's nodes and those of the owner's cluster that are not banned. */
  async clusterNodes(tx: Transaction, owner_id: string): Promise<{ node_id: string; owner_id: string }[]> {
    const { rows } = await tx.query<{ node_id: string; owner_id: string }>(
      `SELECT s.node_id, s.owner_id FROM node_standing s WHERE s.banned IS NULL AND (s.owner_id = $1 OR s.owner_id IN (
         SELECT other.owner_id FROM owner_cluster mine JOIN owner_cluster other ON other.cluster_id = mine.cluster_id WHERE mine.owner_id = $1))
       ORDER BY s.node_id`,
      [owner_id],
    );
    return rows;
  }

  /**
   * Devices of owners who are banned, and of owners who share a card, a bank account or a device with one, that are in all the same: enrolled or linked
   * after the ban, or never checked before it. A network or a burst ties nobody afterwards, and who was let in again stays.
   */
  async followers(tx: Transaction, limit: number): Promise<Follower[]> {
    const { rows } = await tx.query<Follower>(
      `SELECT DISTINCT ON (n.id) n.id AS node_id, n.owner_id, p.job_id, p.index, p.epoch, p.code, p.sentence
       FROM penalty p JOIN LATERAL (
         SELECT p.owner_id UNION SELECT theirs.owner_id FROM cluster_link ours JOIN cluster_link theirs ON theirs.kind = ours.kind AND theirs.value = ours.value
         WHERE ours.owner_id = p.owner_id AND ours.kind IN ('card', 'bank', 'device')) AS o(owner_id) ON true
       JOIN node n ON n.owner_id = o.owner_id AND n.state <> 'REVOKED'
       WHERE p.state = 'ACTIVE' AND p.kind = 'ban_identity' AND p.job_id IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM penalty q WHERE q.node_id = n.id AND q.job_id = p.job_id AND q.index = p.index AND q.epoch = p.epoch)
       ORDER BY n.id, p.id LIMIT $1`,
      [limit],
    );
    return rows;
  }

  /** Node checks of a task whose executions turned out right though they differed from what they checked. */
  async unpaidChecks(tx: Transaction, job_id: string, index: number, epochs: readonly number[]): Promise<PaidCheck[]> {
    const { rows } = await tx.query<PaidCheck>(
      `SELECT c.id AS check_id, c.job_id, l.id AS lease_id, l.node_id, l.owner_id, a.fuel_used, l.price_micro, 'wrong' AS of FROM result_check c JOIN lease l ON l.id = c.lease_id
       JOIN attempt a ON a.job_id = c.job_id AND a.index = c.index AND a.epoch = c.epoch AND a.outcome = 'checked' AND a.charge_micro = 0
       WHERE c.job_id = $1 AND c.index = $2 AND c.epoch = ANY($3::int[]) AND c.state = 'DIFFERED' AND NOT c.awaited
         AND NOT EXISTS (SELECT 1 FROM check_pay p WHERE p.check_id = c.id)`,
      [job_id, index, epochs],
    );
    return rows;
  }

  /** Banned nodes for whose work something is held still: it arrived while they were being banned. */
  async bannedWithMoney(tx: Transaction): Promise<string[]> {
    const { rows } = await tx.query<{ node_id: string }>(
      `SELECT DISTINCT s.node_id FROM node_standing s JOIN lease l ON l.owner_id = s.owner_id AND l.node_id = s.node_id
       JOIN capture c ON c.lease_id = l.id AND c.state IN ('CAPTURED', 'DISPUTED') WHERE s.banned IS NOT NULL
       UNION SELECT s.node_id FROM node_standing s JOIN check_pay p ON p.node_id = s.node_id AND p.state = 'HELD' WHERE s.banned IS NOT NULL`,
    );
    return rows.map((row) => row.node_id);
  }

  /** What of an owner's money went back because of a penalty. */
  async addVoided(tx: Transaction, penalty_id: string, amount: Micro): Promise<void> {
    await tx.query('UPDATE penalty SET voided = voided + $2 WHERE id = $1', [penalty_id, amount]);
  }
}
