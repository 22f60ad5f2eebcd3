import { Injectable } from '@nestjs/common';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { HeapError } from '#units';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { AdminLog } from '../accounts/admin-log.commands.js';
import { MoneyService } from '../money/money.service.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { Effects } from '../platform/inbox/effects.js';
import { balanceTooSmall, journalDecided, journalUnknown, journalWrong, notInSuspense, ownProposal } from './administration.errors.js';
import { AdministrationStore, type ManualRow } from './administration.store.js';
import { custodyOf, draftOf, explanation, type StoredEntry } from './manual.js';

export type ManualView = ResponseOf<typeof ROUTES.proposeJournal>;

const LISTED = 100;

/** Journals by hand: one admin proposes, another approves, and it is posted with the approval, once. */
@Injectable()
export class AdministrationService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: AdministrationStore,
    private readonly people: PeopleQuery,
    private readonly money: MoneyService,
    private readonly effects: Effects,
    private readonly log: AdminLog,
  ) {}

  /** @throws HeapError `invalid_input` for what could never be posted. */
  propose(admin_id: string, { reason, entries }: BodyOf<typeof ROUTES.proposeJournal>): Promise<ManualView> {
    const stored = entries.map(({ account, person_id, amount_micro }) => ({ account, person_id, amount: amount_micro }));
    return this.keep(admin_id, reason, stored, null);
  }

  /** @throws HeapError `suspense.not_found`, `invalid_input`. */
  async resolve(
    admin_id: string,
    transaction_id: string,
    { reason, account, person_id }: BodyOf<typeof ROUTES.resolveSuspense>,
  ): Promise<ManualView> {
    const suspended = await this.store.suspended(transaction_id);
    if (!suspended) throw notInSuspense(transaction_id);
    return this.keep(admin_id, reason, explanation(suspended.net, account, person_id), transaction_id);
  }

  private async keep(
    admin_id: string,
    reason: string,
    entries: readonly StoredEntry[],
    transaction_id: string | null,
  ): Promise<ManualView> {
    const id = newId();
    draftOf(id, entries);
    for (const { person_id } of entries)
      if (person_id !== null && !(await this.people.byId(person_id))) throw journalWrong(`Nobody has the id ${person_id}.`);
    const manual = { id, reason, entries: [...entries], transaction_id, proposed_by: admin_id, custody: custodyOf(entries) };
    await this.transactions.run(async (tx) => {
      await this.store.insert(tx, manual);
      await this.log.add(tx, admin_id, 'journal.propose', id, { reason, entries, transaction_id });
    });
    return this.get(id);
  }

  /**
   * The same admin deciding the same again is told what they decided.
   * @throws HeapError `manual.forbidden` to the proposer, `manual.conflict` when it is decided or too old, `manual_funds.conflict`.
   */
  async decide(admin_id: string, manual_id: string, approve: boolean): Promise<ManualView> {
    const to = approve ? 'APPROVED' : 'REJECTED';
    await this.transactions.run(async (tx) => {
      if (!(await this.store.decide(tx, manual_id, to, admin_id))) return this.explain(tx, manual_id, to, admin_id);
      const row = await this.store.find(manual_id, tx);
      if (!row) throw journalUnknown();
      if (approve) await this.post(tx, row);
      await this.log.add(tx, admin_id, approve ? 'journal.approve' : 'journal.reject', manual_id, { entries: row.entries });
    });
    return this.get(manual_id);
  }

  private async post(tx: Transaction, { id, entries, transaction_id }: ManualRow): Promise<void> {
    if (transaction_id !== null) {
      const net = await this.store.explained(tx, transaction_id);
      if (net === null) throw notInSuspense(transaction_id);
      await this.effects.firstTime(tx, `manual:${id}`, 'resolved', { id: transaction_id, net, fee: 0n });
    }
    try {
      await this.money.record(tx, [draftOf(id, entries)]);
    } catch (error) {
      if (!(error instanceof HeapError) || error.code !== 'insufficient_funds') throw error;
      throw balanceTooSmall(entries.reduce((sum, { amount }) => (BigInt(amount) > 0n ? sum + BigInt(amount) : sum), 0n));
    }
  }

  /** Why nothing was decided. */
  private async explain(tx: Transaction, manual_id: string, to: string, admin_id: string): Promise<void> {
    const row = await this.store.find(manual_id, tx);
    if (!row) throw journalUnknown();
    if (row.state === to && row.decided_by === admin_id) return;
    if (row.state !== 'PROPOSED') throw journalDecided(row.state);
    if (row.expired) throw journalDecided('EXPIRED');
    throw ownProposal();
  }

  async list(): Promise<ManualView[]> {
    return (await this.store.list(LISTED)).map(viewOf);
  }

  private async get(manual_id: string): Promise<ManualView> {
    const row = await this.store.find(manual_id);
    if (!row) throw journalUnknown();
    return viewOf(row);
  }
}

const viewOf = (row: ManualRow): ManualView => ({
  manual_id: row.id,
  state: row.expired ? 'EXPIRED' : row.state,
  reason: row.reason,
  entries: row.entries.map(({ account, person_id, amount }) => ({ account, person_id, amount_micro: amount })),
  transaction_id: row.transaction_id,
  proposed_by: row.proposed_by,
  proposed_at: row.proposed_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
  decided_by: row.decided_by,
  decided_at: row.decided_at?.toISOString() ?? null,
});
