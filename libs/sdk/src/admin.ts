import { type ResponseOf, ROUTES } from '#protocol';
import { type Amount, type Money, microOf, withMoney } from './amount.js';
import type { HttpClient } from './http.js';

export type SolvencyInfo = Money<ResponseOf<typeof ROUTES.solvency>>;
export type ManualJournal = Money<ResponseOf<typeof ROUTES.proposeJournal>>;
export type CampaignInfo = Money<ResponseOf<typeof ROUTES.createCampaign>>;
export type PartnerLinkInfo = Money<ResponseOf<typeof ROUTES.createPartnerLink>>;
export type AdminLogLine = ResponseOf<typeof ROUTES.adminLog>['lines'][number];

/** One side of a journal by hand: debits are positive. `amount` in micro-units. */
export interface ManualEntry {
  account: number;
  personId?: string;
  amount: bigint;
}

/** What the admins of a heap see and do; others are refused with `forbidden`. */
export class Admin {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** What the heap has, owes and earned, what its checks say, and what waits. */
  async solvency(): Promise<SolvencyInfo> {
    return withMoney(await this.#http.call(ROUTES.solvency));
  }

  /** Proposes a journal; it is posted when another admin approves it. */
  async proposeJournal(reason: string, entries: readonly ManualEntry[]): Promise<ManualJournal> {
    const written = entries.map(({ account, personId, amount }) => ({
      account,
      amount_micro: String(amount),
      ...(personId !== undefined && { person_id: personId }),
    }));
    return withMoney(await this.#http.call(ROUTES.proposeJournal, { body: { reason, entries: written } }));
  }

  /** Proposes what a movement in suspense was: the other account of its journal. */
  async resolveSuspense(transactionId: string, reason: string, to: { account: number; personId?: string }): Promise<ManualJournal> {
    const body = { reason, account: to.account, ...(to.personId !== undefined && { person_id: to.personId }) };
    return withMoney(await this.#http.call(ROUTES.resolveSuspense, { params: { transaction_id: transactionId }, body }));
  }

  /** Approves what another admin proposed, or rejects it. */
  async decideJournal(manualId: string, approve: boolean): Promise<ManualJournal> {
    const call = { params: { manual_id: manualId }, body: { approve }, repeatable: true };
    return withMoney(await this.#http.call(ROUTES.decideJournal, call));
  }

  async journals(): Promise<ManualJournal[]> {
    return withMoney((await this.#http.call(ROUTES.listJournals)).journals);
  }

  /** What admins did, newest first; `before` a line's number gives the page behind it. */
  async log(page: { before?: number; limit?: number } = {}): Promise<AdminLogLine[]> {
    return (await this.#http.call(ROUTES.adminLog, { query: { before: page.before, limit: page.limit ?? 50 } })).lines;
  }

  /** A code that gives each developer `amount`, until `budget` is granted or `endsAt` has come; what was granted expires after `days`. */
  async createCampaign(terms: {
    code: string;
    name: string;
    amount: Amount;
    budget: Amount;
    days: number;
    endsAt: Date;
  }): Promise<CampaignInfo> {
    const { code, name, days } = terms;
    const [amount_micro, budget_micro] = [String(microOf(terms.amount, 'amount')), String(microOf(terms.budget, 'budget'))];
    const body = { code, name, days, amount_micro, budget_micro, ends_at: terms.endsAt.toISOString() };
    return withMoney(await this.#http.call(ROUTES.createCampaign, { body }));
  }

  async campaigns(): Promise<CampaignInfo[]> {
    return withMoney((await this.#http.call(ROUTES.listCampaigns)).campaigns);
  }

  /** Makes a person a partner. */
  createPartner(email: string, name: string): Promise<{ person_id: string; name: string }> {
    return this.#http.call(ROUTES.createPartner, { body: { email, name }, repeatable: true });
  }

  /** An enrolment link; `shareBasisPoints` of the heap's fee. */
  async createPartnerLink(personId: string, link: { code: string; name: string; shareBasisPoints: number }): Promise<PartnerLinkInfo> {
    const body = { code: link.code, name: link.name, share_basis_points: link.shareBasisPoints };
    return withMoney(await this.#http.call(ROUTES.createPartnerLink, { params: { person_id: personId }, body }));
  }

  async closePartnerLink(linkId: string): Promise<void> {
    await this.#http.call(ROUTES.closePartnerLink, { params: { link_id: linkId } });
  }

  async partners(): Promise<Money<ResponseOf<typeof ROUTES.listPartners>['partners']>> {
    return withMoney((await this.#http.call(ROUTES.listPartners)).partners);
  }
}
