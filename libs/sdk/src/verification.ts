import { type PenaltyView, type ResponseOf, ROUTES } from '#protocol';
import { type Money, withMoney } from './amount.js';
import type { HttpClient } from './http.js';

/** What a level of verification promises and costs. */
export type LevelInfo = ResponseOf<typeof ROUTES.listLevels>['levels'][number];
export type JobVerification = Money<ResponseOf<typeof ROUTES.getJobVerification>>;
export type PenaltyInfo = Money<PenaltyView>;
/** What is known of one of your devices, part by part. */
export type Reputation = ResponseOf<typeof ROUTES.getReputation>;
export type Suspects = ResponseOf<typeof ROUTES.listSuspects>;

/** How results are checked, and what that means for developers, owners and admins. */
export class Verification {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  async levels(): Promise<LevelInfo[]> {
    return (await this.#http.call(ROUTES.listLevels)).levels;
  }

  /** What is known of one of your devices, with the last checks of its results and why they were made. */
  reputation(nodeId: string): Promise<Reputation> {
    return this.#http.call(ROUTES.getReputation, { params: { node_id: nodeId } });
  }

  /** Penalties of your devices, newest first; `all` of the heap for its admins. */
  async penalties(page: { before?: string; limit?: number; all?: boolean } = {}): Promise<PenaltyInfo[]> {
    const query = { limit: page.limit ?? 20, ...(page.before !== undefined && { before: page.before }) };
    return withMoney((await this.#http.call(page.all ? ROUTES.listAllPenalties : ROUTES.listPenalties, { query })).penalties);
  }

  /** Asks for the one independent run of the task that a penalty is for. @throws HeapError `penalty.appeal.conflict`. */
  async appeal(penaltyId: string, reason: string): Promise<PenaltyInfo> {
    return withMoney(await this.#http.call(ROUTES.appealPenalty, { params: { penalty_id: penaltyId }, body: { reason } }));
  }

  /** For admins: nodes with wrong results, and owners that belong together. */
  suspects(): Promise<Suspects> {
    return this.#http.call(ROUTES.listSuspects);
  }

  /** For admins. */
  async ban(nodeId: string, reason: string): Promise<PenaltyInfo> {
    return withMoney(await this.#http.call(ROUTES.banNode, { params: { node_id: nodeId }, body: { reason } }));
  }

  /** For admins: with `payBack` the heap pays what the penalty took. */
  async lift(penaltyId: string, reason: string, payBack = false): Promise<PenaltyInfo> {
    const body = { reason, pay_back: payBack };
    return withMoney(await this.#http.call(ROUTES.liftPenalty, { params: { penalty_id: penaltyId }, body }));
  }
}
