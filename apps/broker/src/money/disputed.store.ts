import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { Micro } from '#units';
import { CHECKED } from './held.store.js';

/** What an objection or a correction is about; empty tasks are all. */
export interface Scope {
  readonly job_id: string;
  readonly lease_id: string | null;
  readonly tasks: readonly number[];
}

export interface ObjectedCapture {
  id: string;
  owner_id: string;
  /** The part of its gross that is objected to. */
  amount: Micro;
}

export interface PendingCapture {
  id: string;
  developer_id: string;
  owner_id: string;
  gross: Micro;
  fee: Micro;
  net: Micro;
  own_use: boolean;
  promo: Micro;
  partner: Micro;
  partner_id: string | null;
  in_reserve: boolean;
  /** What of the gross goes back. */
  refund: Micro;
}

/** A step of a capture: what of it goes back now. */
export interface Refunded {
  id: string;
  refunded: Micro;
  refunded_net: Micro;
  refunded_partner: Micro;
}

/** A paid result, and the capture that paid it: both were written in one transaction, which gave them one time. */
export interface PaidResult {
  index: number;
  epoch: number;
  node_id: string;
  charge: Micro;
  capture_id: string;
  state: string;
  owner_id: string;
  developer_id: string;
  own_use: boolean;
  gross: Micro;
  fee: Micro;
  net: Micro;
  promo: Micro;
  partner: Micro;
  partner_id: string | null;
  /** What went back of the capture before. */
  back: Micro;
}

/** Of what an objection is about so much went back by proofs already. */
const CORRECTED = `COALESCE((SELECT sum(k.amount) FROM correction k WHERE k.capture_id = c.id AND k.kind = 'refund' AND k.created_at > o.created_at
  AND (cardinality(o.tasks) = 0 OR k.index = ANY(o.tasks))), 0)`;
const PAID_BY = 'a.job_id = h.job_id AND a.lease_id = c.lease_id AND a.finished_at = c.captured_at';
/** The parts of a capture that are still in it. */
export const LEFT = `c.gross - c.refunded AS gross, c.fee - (c.refunded - c.refunded_net - c.refunded_partner) AS fee,
  c.net - c.refunded_net AS net, c.partner - c.refunded_partner AS partner, GREATEST(c.promo - c.refunded, 0) AS promo`;
const PENDING = `c.id, h.person_id AS developer_id, c.owner_id, ${LEFT}, c.own_use, c.partner_id,
  EXISTS (SELECT 1 FROM earner e WHERE e.person_id = c.owner_id AND e.first_earned_at > now() - make_interval(days => $2)) AS in_reserve`;

/** Captures that are objected to or taken back. */
@Injectable()
export class DisputedStore {
  /** Objections and corrections of one job come one after the other. @returns whose job it is; null without one that holds money. */
  async lockHold(tx: Transaction, job_id: string): Promise<string | null> {
    const { rows } = await tx.query<{ person_id: string }>('SELECT person_id FROM hold WHERE job_id = $1 FOR UPDATE', [job_id]);
    return rows[0]?.person_id ?? null;
  }

  /** Stops the release of what is in holdback and was not objected to before in this way. */
  async dispute(tx: Transaction, { job_id, lease_id, tasks }: Scope): Promise<ObjectedCapture[]> {
    const { rows } = await tx.query<ObjectedCapture>(
      `WITH held AS (
         SELECT c.id, c.owner_id, CASE WHEN cardinality($3::int[]) = 0 THEN c.gross - c.refunded ELSE (
             SELECT LEAST(COALESCE(sum(a.charge_micro), 0), c.gross - c.refunded)::bigint FROM attempt a
             WHERE ${PAID_BY} AND a.index = ANY($3) AND a.outcome = 'accepted' AND NOT EXISTS (
               SELECT 1 FROM correction k WHERE k.job_id = a.job_id AND k.index = a.index AND k.epoch = a.epoch)) END AS amount
         FROM capture c JOIN hold h ON h.id = c.hold_id
         WHERE h.job_id = $1 AND ($2::uuid IS NULL OR c.lease_id = $2) AND c.state IN ('CAPTURED', 'DISPUTED')
           AND NOT EXISTS (SELECT 1 FROM objection_capture p JOIN objection o ON o.id = p.objection_id WHERE p.capture_id = c.id
             AND (cardinality($3) = 0 OR cardinality(o.tasks) = 0))
         ORDER BY c.id FOR UPDATE OF c
       )
       UPDATE capture c SET state = 'DISPUTED' FROM held WHERE c.id = held.id AND held.amount > 0 AND c.state IN ('CAPTURED', 'DISPUTED')
       RETURNING c.id, c.owner_id, held.amount`,
      [job_id, lease_id, tasks],
    );
    return rows;
  }

  /**
   * Captures whose objections are all decided and that need not wait: they go back whole, or their holdback is over. What a payment
   * dispute stops waits for it.
   */
  async decided(tx: Transaction, limit: number, reserve_days: number): Promise<PendingCapture[]> {
    const { rows } = await tx.query<PendingCapture>(
      `WITH ready AS (
         SELECT ${PENDING}, (SELECT LEAST(GREATEST(sum(p.refund - LEAST(p.refund, ${CORRECTED})), 0), c.gross - c.refunded)::bigint
             FROM objection_capture p JOIN objection o ON o.id = p.objection_id WHERE p.capture_id = c.id) AS refund, c.release_at
         FROM capture c JOIN hold h ON h.id = c.hold_id
         WHERE c.state = 'DISPUTED' AND c.stopped_by IS NULL
           AND NOT EXISTS (SELECT 1 FROM objection_capture p WHERE p.capture_id = c.id AND p.refund IS NULL)
       )
       SELECT r.* FROM ready r JOIN capture c ON c.id = r.id WHERE c.state = 'DISPUTED' AND (r.release_at <= now() AND ${CHECKED('c')} OR r.refund = r.gross)
       ORDER BY c.id LIMIT $1 FOR UPDATE OF c SKIP LOCKED`,
      [limit, reserve_days],
    );
    return rows;
  }

  /** Ends captures with what of them goes back. @returns how many: less than asked means one was ended already. */
  async end(tx: Transaction, ends: readonly Refunded[]): Promise<number> {
    const { rowCount } = await tx.query(
      `UPDATE capture c SET refunded = c.refunded + e.refunded, refunded_net = c.refunded_net + e.net, refunded_partner = c.refunded_partner + e.partner,
         state = (CASE c.refunded + e.refunded WHEN 0 THEN 'RELEASED' WHEN c.gross THEN 'REFUNDED' ELSE 'SPLIT' END)::capture_state,
         released_at = CASE WHEN c.refunded + e.refunded = 0 THEN now() END
       FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) AS e(id, refunded, net, partner)
       WHERE c.id = e.id AND c.state IN ('CAPTURED', 'DISPUTED')`,
      columnsOf(ends),
    );
    return rowCount ?? 0;
  }

  /** Takes a part out of captures that stay in their holdback. @returns how many. */
  async shrink(tx: Transaction, parts: readonly Refunded[]): Promise<number> {
    const { rowCount } = await tx.query(
      `UPDATE capture c SET refunded = c.refunded + e.refunded, refunded_net = c.refunded_net + e.net, refunded_partner = c.refunded_partner + e.partner
       FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) AS e(id, refunded, net, partner)
       WHERE c.id = e.id AND c.state IN ('CAPTURED', 'DISPUTED') AND c.refunded + e.refunded < c.gross`,
      columnsOf(parts),
    );
    return rowCount ?? 0;
  }

  /** The paid results of some tasks that were not corrected before, with their captures locked. */
  async paidResults(tx: Transaction, job_id: string, tasks: readonly number[]): Promise<PaidResult[]> {
    const { rows } = await tx.query<PaidResult>(
      `SELECT a.index, a.epoch, a.node_id, a.charge_micro AS charge, c.id AS capture_id, c.state::text AS state, c.owner_id,
         h.person_id AS developer_id, c.own_use, c.gross, c.fee, c.net, c.promo, c.partner, c.partner_id,
         (c.refunded + (SELECT COALESCE(sum(k.amount), 0) FROM correction k WHERE k.capture_id = c.id AND k.kind = 'clawback'))::bigint AS back
       FROM attempt a JOIN hold h ON h.job_id = a.job_id JOIN capture c ON c.hold_id = h.id AND ${PAID_BY}
       WHERE a.job_id = $1 AND a.index = ANY($2::int[]) AND a.outcome = 'accepted' AND a.charge_micro > 0
         AND NOT EXISTS (SELECT 1 FROM correction k WHERE k.job_id = a.job_id AND k.index = a.index AND k.epoch = a.epoch)
       ORDER BY c.id, a.index FOR UPDATE OF c`,
      [job_id, tasks],
    );
    return rows;
  }

  /** Everything of some nodes that is held and not released, to go back whole. */
  async heldOfNodes(tx: Transaction, nodes: readonly string[], reserve_days: number): Promise<PendingCapture[]> {
    if (nodes.length === 0) return [];
    const { rows } = await tx.query<PendingCapture>(
      `SELECT ${PENDING}, c.gross - c.refunded AS refund FROM capture c JOIN hold h ON h.id = c.hold_id
       WHERE c.state IN ('CAPTURED', 'DISPUTED') AND c.lease_id IN (SELECT id FROM lease WHERE node_id = ANY($1::uuid[]))
       ORDER BY c.id FOR UPDATE OF c`,
      [nodes, reserve_days],
    );
    return rows;
  }

  /** These captures as far as they are held, with all that is left in them. */
  async heldCaptures(tx: Transaction, capture_ids: readonly string[], reserve_days: number): Promise<PendingCapture[]> {
    if (capture_ids.length === 0) return [];
    const { rows } = await tx.query<PendingCapture>(
      `SELECT ${PENDING}, c.gross - c.refunded AS refund FROM capture c JOIN hold h ON h.id = c.hold_id
       WHERE c.state IN ('CAPTURED', 'DISPUTED') AND c.id = ANY($1) ORDER BY c.id FOR UPDATE OF c`,
      [capture_ids, reserve_days],
    );
    return rows;
  }

  async insertCorrections(
    tx: Transaction,
    job_id: string,
    results: readonly { result: PaidResult; amount: Micro; kind: 'refund' | 'clawback' }[],
    why: { reason: string; ordered_by: string | null },
  ): Promise<void> {
    await tx.query(
      `INSERT INTO correction (job_id, index, epoch, capture_id, node_id, owner_id, amount, kind, reason, ordered_by)
       SELECT $1, r.*, $9, $10 FROM unnest($2::int[], $3::int[], $4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[], $8::text[]) AS r`,
      [
        job_id,
        results.map(({ result }) => result.index),
        results.map(({ result }) => result.epoch),
        results.map(({ result }) => result.capture_id),
        results.map(({ result }) => result.node_id),
        results.map(({ result }) => result.owner_id),
        results.map(({ amount }) => amount),
        results.map(({ kind }) => kind),
        why.reason,
        why.ordered_by,
      ],
    );
  }
}

const columnsOf = (parts: readonly Refunded[]): unknown[] => [
  parts.map((p) => p.id),
  parts.map((p) => p.refunded),
  parts.map((p) => p.refunded_net),
  parts.map((p) => p.refunded_partner),
];
