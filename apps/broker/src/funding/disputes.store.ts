import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';
import { before, DISPUTE, type DisputeState } from '#lifecycle';
import type { Micro } from '#units';

export interface DisputeRow {
  id: string;
  dispute_ref: string;
  deposit_id: string;
  person_id: string;
  amount: Micro;
  unspent: Micro;
  state: DisputeState;
}

export interface StoppedCapture {
  id: string;
  owner_id: string;
  net: Micro;
  fee: Micro;
  partner: Micro;
  partner_id: string | null;
}

@Injectable()
export class DisputesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async payerOf(dispute_ref: string): Promise<string | null> {
    const { rows } = await this.database.query<{ person_id: string }>('SELECT person_id FROM payment_dispute WHERE dispute_ref = $1', [
      dispute_ref,
    ]);
    return rows[0]?.person_id ?? null;
  }

  /** People who owe the heap something and have money that could pay some of it: deposits, or earnings of their devices. */
  async debtors(currency: string): Promise<string[]> {
    const { rows } = await this.database.query<{ person_id: string }>(
      `SELECT d.person_id FROM ledger_account d
       WHERE d.code IN (1100, 1110) AND d.currency = $1 AND d.balance > 0 AND EXISTS (
         SELECT 1 FROM ledger_account a WHERE a.person_id = d.person_id AND a.currency = $1 AND a.balance < 0 AND a.code IN (2000, 2110))
       GROUP BY d.person_id`,
      [currency],
    );
    return rows.map((row) => row.person_id);
  }

  /**
   * Lifts the blocks of those who owe nothing any more: who paid, and whom two admins forgave by hand. A debt that was written off as a
   * loss blocks for ever.
   */
  async liftPaid(currency: string, cause: string): Promise<void> {
    await this.database.query(
      `UPDATE payer_block b SET lifted_at = now() WHERE b.cause = $2 AND b.lifted_at IS NULL AND NOT EXISTS (
         SELECT 1 FROM ledger_account d JOIN LATERAL (
           SELECT j.kind FROM journal_entry e JOIN journal j ON j.id = e.journal_id WHERE e.account_id = d.id ORDER BY e.seq DESC LIMIT 1) AS last ON true
         WHERE d.person_id = b.person_id AND d.code = 1110 AND d.currency = $1 AND (d.balance > 0 OR last.kind = 'developer.debt_written_off'))`,
      [currency, cause],
    );
  }

  async isBlocked(tx: Transaction, person_id: string): Promise<boolean> {
    const { rows } = await tx.query('SELECT 1 FROM payer_block WHERE person_id = $1 AND lifted_at IS NULL LIMIT 1', [person_id]);
    return rows.length > 0;
  }

  async open(): Promise<{ id: string; person_id: string }[]> {
    return (await this.database.query<{ id: string; person_id: string }>(`SELECT id, person_id FROM payment_dispute WHERE state = 'OPEN'`))
      .rows;
  }

  async insert(tx: Transaction, dispute: Omit<DisputeRow, 'state'> & { fee: Micro }): Promise<void> {
    await tx.query(
      'INSERT INTO payment_dispute (id, dispute_ref, deposit_id, person_id, amount, unspent, fee) VALUES ($1, $2, $3, $4, $5, $6, $7)',
      [dispute.id, dispute.dispute_ref, dispute.deposit_id, dispute.person_id, dispute.amount, dispute.unspent, dispute.fee],
    );
  }

  async lock(tx: Transaction, dispute_ref: string): Promise<DisputeRow | null> {
    const { rows } = await tx.query<DisputeRow>('SELECT * FROM payment_dispute WHERE dispute_ref = $1 FOR UPDATE', [dispute_ref]);
    return rows[0] ?? null;
  }

  async close(tx: Transaction, id: string, to: 'WON' | 'LOST'): Promise<boolean> {
    const { rowCount } = await tx.query(
      `UPDATE payment_dispute SET state = $2::dispute_state, closed_at = now() WHERE id = $1 AND state::text = ANY($3)`,
      [id, to, before(DISPUTE, to)],
    );
    return rowCount === 1;
  }

  async block(tx: Transaction, person_id: string, cause: string): Promise<void> {
    await tx.query(
      `INSERT INTO payer_block (person_id, cause) VALUES ($1, $2) ON CONFLICT (person_id, cause) DO UPDATE SET lifted_at = NULL`,
      [person_id, cause],
    );
  }

  async liftBlock(tx: Transaction, person_id: string, cause: string): Promise<void> {
    await tx.query('UPDATE payer_block SET lifted_at = now() WHERE person_id = $1 AND cause = $2 AND lifted_at IS NULL', [
      person_id,
      cause,
    ]);
  }

  /** Stops the release of what linked owners earned from a payer; honest owners are paid as ever. */
  async stopReleases(tx: Transaction, dispute_id: string, payer_id: string, owners: readonly string[]): Promise<number> {
    const { rowCount } = await tx.query(
      `UPDATE capture c SET stopped_by = $1 FROM hold h
       WHERE h.id = c.hold_id AND h.person_id = $2 AND c.owner_id = ANY($3::uuid[]) AND c.state IN ('CAPTURED', 'DISPUTED') AND c.stopped_by IS NULL`,
      [dispute_id, payer_id, owners],
    );
    return rowCount ?? 0;
  }

  async resumeReleases(tx: Transaction, dispute_id: string): Promise<void> {
    await tx.query(`UPDATE capture SET stopped_by = NULL WHERE stopped_by = $1 AND state IN ('CAPTURED', 'DISPUTED')`, [dispute_id]);
  }

  /** Takes back what a dispute stopped. @returns what went back. */
  async refundStopped(tx: Transaction, dispute_id: string): Promise<StoppedCapture[]> {
    const { rows } = await tx.query<StoppedCapture>(
      `WITH stopped AS (
         SELECT id, owner_id, net - refunded_net AS net, fee - (refunded - refunded_net - refunded_partner) AS fee, partner - refunded_partner AS partner, partner_id
         FROM capture WHERE stopped_by = $1 AND state IN ('CAPTURED', 'DISPUTED') ORDER BY id FOR UPDATE
       )
       UPDATE capture c SET state = 'REFUNDED', refunded = c.gross, refunded_net = c.net, refunded_partner = c.partner FROM stopped s
       WHERE c.id = s.id AND c.state IN ('CAPTURED', 'DISPUTED') RETURNING s.*`,
      [dispute_id],
    );
    return rows;
  }
}
