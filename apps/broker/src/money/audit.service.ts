import { Injectable } from '@nestjs/common';
import {
  type AccountCode,
  type Breach,
  breach,
  checkBalances,
  checkConservation,
  checkControlTotals,
  checkTrialBalance,
  INVARIANTS,
  type InvariantId,
  naturalBalance,
} from '#ledger';
import { type AccountBalance, type AuditReads, AuditStore, QUERIED, type QueriedInvariant } from './audit.store.js';

export interface InvariantReport {
  invariant: InvariantId;
  breaches: Breach[];
}

const entryOf = (row: AccountBalance, amount: bigint) => ({ account: row.code as AccountCode, person: row.person_id, amount });

/** The heap's balance of an account, over all people. */
const total = (rows: readonly AccountBalance[], codes: readonly AccountCode[]): bigint =>
  rows
    .filter((row) => codes.includes(row.code as AccountCode))
    .reduce((sum, row) => sum + naturalBalance(row.code as AccountCode, row.balance), 0n);

type Check = (reads: AuditReads) => Promise<Breach[]>;

const queried = Object.fromEntries(
  QUERIED.map((invariant): [InvariantId, Check] => [
    invariant,
    async (reads) => (await reads.findings(invariant)).map(({ subject, detail }) => breach(invariant, subject, detail)),
  ]),
) as Record<QueriedInvariant, Check>;

/** Every invariant has its check: the type says so. */
export const CHECKS: Readonly<Record<InvariantId, Check>> = {
  ...queried,
  I11: async (reads) => {
    const rows = await reads.accounts();
    return checkBalances(
      rows.map((row) => entryOf(row, row.balance)),
      rows.map((row) => entryOf(row, row.sum)),
    );
  },
  I14: async (reads) => checkTrialBalance((await reads.balances()).map((row) => entryOf(row, row.balance))),
  I17: async (reads) => {
    const [rows, business] = [await reads.balances(), await reads.businessTotals()];
    return checkControlTotals([
      { name: 'held', ledger: total(rows, [2010]), business: business.held },
      { name: 'pending', ledger: total(rows, [2100]), business: business.pending },
      { name: 'deferred', ledger: total(rows, [2400]), business: business.deferred },
      { name: 'in_flight', ledger: total(rows, [2130]), business: business.in_flight },
    ]);
  },
  I28: async (reads) => {
    const [rows, flows] = [await reads.balances(), await reads.businessTotals()];
    return checkConservation(total(rows, [1000, 1010, 1020, 1030, 1040]), { ...flows, operator_funds: flows.by_hand });
  },
};

/** Checks the ledger against itself and against the business, on one snapshot, while the broker runs. */
@Injectable()
export class AuditService {
  constructor(private readonly store: AuditStore) {}

  async run(): Promise<InvariantReport[]> {
    const reports = await this.store.onSnapshot(async (reads) => {
      const list: InvariantReport[] = [];
      for (const invariant of Object.keys(INVARIANTS) as InvariantId[]) list.push({ invariant, breaches: await CHECKS[invariant](reads) });
      return list;
    });
    for (const { invariant, breaches } of reports)
      await this.store.record(
        invariant,
        breaches.length === 0,
        breaches
          .map((b) => b.sentence)
          .slice(0, 10)
          .join('\n'),
      );
    return reports;
  }
}
