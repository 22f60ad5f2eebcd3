import { type ResponseOf, ROUTES } from '#protocol';
import { type Amount, type Money, microOf, withMoney } from './amount.js';
import type { HttpClient } from './http.js';

/** Caps and block lists that hold for all of a developer's jobs; `*_micro` members are bigints of micro-units. */
export type LimitsInfo = Money<ResponseOf<typeof ROUTES.getLimits>>;

/** What is left out stays as it is. */
export interface LimitChanges {
  /** The largest budget of a job; null for none. */
  jobCap?: Amount | null;
  /** The most that all jobs may cost in a day of UTC; null for none. */
  dayCap?: Amount | null;
  /** Owners and nodes that no job uses. */
  notOwners?: readonly string[];
  notNodes?: readonly string[];
}

export const getLimits = async (http: HttpClient): Promise<LimitsInfo> => withMoney(await http.call(ROUTES.getLimits));

export async function changeLimits(http: HttpClient, changes: LimitChanges): Promise<LimitsInfo> {
  const { job_cap_micro, day_cap_micro, not_owners, not_nodes } = await http.call(ROUTES.getLimits);
  const cap = (change: Amount | null | undefined, now: string | null, name: string) =>
    change === undefined ? now : change === null ? null : String(microOf(change, name));
  const body = {
    job_cap_micro: cap(changes.jobCap, job_cap_micro, 'jobCap'),
    day_cap_micro: cap(changes.dayCap, day_cap_micro, 'dayCap'),
    not_owners: changes.notOwners ? [...changes.notOwners] : not_owners,
    not_nodes: changes.notNodes ? [...changes.notNodes] : not_nodes,
  };
  return withMoney(await http.call(ROUTES.putLimits, { body, repeatable: true }));
}
