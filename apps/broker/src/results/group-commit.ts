import { charge, FUEL_PER_PRICE_UNIT, TASK_BASE_FUEL } from '#units';
import { LEVEL_RULES } from '#verification';
import type { CaptureRequest } from '../money/money.service.js';
import type { JobDelta, LockedLease, NewAttempt, SettledState, Settlement } from './results.store.js';

/** A task that settled or goes back, before its place and its charge are known. */
export interface SettledTask {
  lease: LockedLease;
  state: SettledState;
  /** Billed work; undefined for attempts that are not paid. */
  fuel_billed: bigint | undefined;
  attempt: Omit<NewAttempt, 'charge_micro' | 'place'>;
}

export const fuelBilled = (fuel_used: bigint): bigint => fuel_used + TASK_BASE_FUEL;

/** Until which of its node's results those of a capture are provisional: the last of them has the last word. */
const windowOf = ({ level }: LockedLease, nth: bigint | undefined): Pick<CaptureRequest, 'check_window'> =>
  nth === undefined ? {} : { check_window: { nth, results: LEVEL_RULES[level].window_results } };

/**
 * Works out what a group of settled tasks moves. A lease is charged floor(its fuel × price); a task's charge is what
 * it adds to that, so the tasks' charges add up to the lease's to the micro-unit and no rounding is lost.
 */
export function settle(tasks: readonly SettledTask[]): Settlement & { captures: CaptureRequest[] } {
  const fuel = new Map<string, bigint>();
  const attempts: NewAttempt[] = [];
  const leases = new Map<string, Settlement['leases'][number] & { lease: LockedLease }>();
  const jobs = new Map<string, JobDelta>();
  const last = new Map<string, bigint>();
  for (const { lease, state, fuel_billed, attempt } of tasks) {
    const before = fuel.get(lease.id) ?? lease.fuel_charged;
    const after = before + (fuel_billed ?? 0n);
    fuel.set(lease.id, after);
    const price = (total: bigint) => charge(total, lease.price_micro, FUEL_PER_PRICE_UNIT);
    const charge_micro = price(after) - price(before);
    const job = jobs.get(lease.job_id) ?? {
      job_id: lease.job_id,
      done: 0,
      failed: 0,
      requeued: 0,
      charged_micro: 0n,
      unreserved_micro: 0n,
      checking: 0,
    };
    jobs.set(lease.job_id, job);
    if (state === 'DONE') job.done += 1;
    else if (state === 'FAILED') job.failed += 1;
    else if (state === 'QUEUED') job.requeued += 1;
    job.charged_micro += charge_micro;
    job.unreserved_micro += lease.task_max_micro;
    attempts.push({ ...attempt, charge_micro, place: attempt.outcome === 'accepted' ? job.done + job.failed : null });
    if (fuel_billed === undefined) continue;
    if (attempt.nth !== null) last.set(lease.id, attempt.nth);
    const sum = leases.get(lease.id) ?? { id: lease.id, fuel: 0n, tasks: 0, charged_micro: 0n, lease };
    leases.set(lease.id, sum);
    sum.fuel += fuel_billed;
    sum.tasks += 1;
    sum.charged_micro += charge_micro;
  }
  return {
    attempts,
    leases: [...leases.values()].map(({ lease: _, ...sum }) => sum),
    jobs: [...jobs.values()],
    captures: [...leases.values()].map(({ lease, charged_micro, tasks: count, fuel: burned }) => ({
      hold_id: lease.hold_id,
      job_id: lease.job_id,
      lease_id: lease.id,
      developer_id: lease.developer_id,
      owner_id: lease.owner_id,
      gross: charged_micro,
      charged_before: lease.charged_micro,
      tasks: count,
      fuel: burned,
      ...windowOf(lease, last.get(lease.id)),
    })),
  };
}
