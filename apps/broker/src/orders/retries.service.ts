import { Injectable } from '@nestjs/common';
import { type BodyOf, HTTP_LIMITS, type Payload, type ROUTES } from '#protocol';
import type { Micro } from '#units';
import { taskCostMax } from '../platform/task-price.js';
import type { JobView } from './job-view.js';
import { jobUnknown, nothingToRetry } from './orders.errors.js';
import { hashOf, OrdersService, type Terms } from './orders.service.js';
import { type JobRow, OrdersStore, type StoredInput } from './orders.store.js';
import { type NewVerifier, VerifiersStore } from './verifiers.store.js';

type RetryTerms = BodyOf<typeof ROUTES.retryTasks>;

/** Runs tasks that have no result again, as a job of its own: what the first one's tasks cost and how they ended stays as it is. */
@Injectable()
export class RetriesService {
  constructor(
    private readonly orders: OrdersService,
    private readonly store: OrdersStore,
    private readonly verifiers: VerifiersStore,
  ) {}

  /** @throws HeapError `not_found`, `nothing_to_retry`, and whatever placing a job throws. */
  async retry(person_id: string, idempotency_key: string, job_id: string, changes: RetryTerms): Promise<JobView> {
    const first = await this.store.find(job_id, person_id);
    if (!first) throw jobUnknown();
    return this.orders.placeOnce(person_id, idempotency_key, hashOf({ retry_of: job_id, changes }), async () => {
      const tasks = await this.store.unfinished(job_id, changes.states, changes.tasks ?? null, HTTP_LIMITS.array_items);
      if (tasks.length === 0) throw nothingToRetry();
      return {
        terms: termsOf(first, changes, tasks, await this.verifiers.of(job_id)),
        again: { of: job_id, indices: tasks.map(({ index }) => index) },
      };
    });
  }
}

const AGAIN = ' again';

function termsOf(first: JobRow, changes: RetryTerms, tasks: readonly StoredInput[], verifier: NewVerifier | null): Terms {
  const { order_terms, module_hash, codec, slot_class, slots, output_bytes_limit, args, view, max_attempts, workload_class } = first;
  const fuel_limit = changes.fuel_limit ?? Number(first.fuel_limit);
  const max_price_micro = changes.max_price_micro ?? first.max_price_micro;
  const worst = taskCostMax(BigInt(fuel_limit), max_price_micro) * BigInt(tasks.length);
  return {
    ...{ module_hash, codec, slot_class, slots, output_bytes_limit, args, view, max_attempts, workload_class },
    name: first.name.endsWith(AGAIN) ? first.name : first.name.slice(0, 128 - AGAIN.length) + AGAIN,
    fuel_limit,
    max_price_micro,
    wall_ms_limit: changes.wall_ms_limit ?? first.wall_ms_limit,
    budget_micro: changes.budget_micro ?? least(worst, first.budget_micro),
    constraints: order_terms.constraints,
    preferences: order_terms.preferences.map((one) => ({ ...one, weight_micro: BigInt(one.weight_micro) })),
    spread: order_terms.spread,
    min_slots: order_terms.min_slots,
    verification: order_terms.verification,
    preemption_notice_ms: order_terms.preemption_notice_ms,
    disconnect_wait_ms: first.disconnect_wait_ms,
    on_disconnect: first.on_disconnect,
    interruptible: first.interruptible,
    priority: first.priority,
    verifier: verifier && {
      module_hash: verifier.module_hash,
      codec: verifier.codec,
      fuel_limit: Number(verifier.fuel_limit),
      budget_micro: verifier.budget,
    },
    // The first one's has passed or was meant for all of it.
    deadline: null,
    open: false,
    inputs: tasks.map(payloadOf),
  };
}

const least = (a: Micro, b: Micro): Micro => (a < b ? a : b);

const payloadOf = ({ bytes, hash, size_bytes }: StoredInput): Payload =>
  hash === null ? { inline: (bytes ?? Buffer.alloc(0)).toString('base64') } : { hash, bytes: size_bytes };
