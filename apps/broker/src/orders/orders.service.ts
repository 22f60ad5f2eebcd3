import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { jobEnded, waiting } from '#lifecycle';
import { type BodyOf, canonicalJson, type Payload, type ROUTES, viewBytes, viewFits } from '#protocol';
import { MoneyService } from '../money/money.service.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { viewBytesMax } from '../platform/run-limits.js';
import { taskCostMax } from '../platform/task-price.js';
import { type JobView, jobView } from './job-view.js';
import { LimitsStore } from './limits.store.js';
import { ModulesStore } from './modules.store.js';
import { OrdersCommands } from './orders.commands.js';
import {
  budgetTooSmall,
  codecMismatch,
  dayCapTooSmall,
  deadlinePassed,
  fileSizeWrong,
  filesUnknown,
  inputsOutOfOrder,
  inputUnknown,
  jobCapExceeded,
  jobClosed,
  jobUnknown,
  keyUsed,
  moduleUnknown,
  noInputs,
  trustedNodesMissing,
  verifierBudgetTooSmall,
  viewTooLarge,
  viewTooLong,
} from './orders.errors.js';
import { WorkQueued } from './orders.events.js';
import { type JobFilter, type JobRow, type NewJob, OrdersStore, type TaskInput } from './orders.store.js';
import { VerifiersStore } from './verifiers.store.js';

export type Terms = BodyOf<typeof ROUTES.placeJob>;

/** The same with money as decimal strings, as it came. */
const onWire = <T>(value: T): OnWire<T> =>
  JSON.parse(JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member)));
type OnWire<T> = T extends bigint
  ? string
  : T extends readonly (infer E)[]
    ? OnWire<E>[]
    : T extends object
      ? { [K in keyof T]: OnWire<T[K]> }
      : T;

/** The same request has the same hash. */
export const hashOf = (request: object): string =>
  createHash('sha256')
    .update(canonicalJson(onWire(request) as never))
    .digest('hex');

@Injectable()
export class OrdersService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: OrdersStore,
    private readonly verifiers: VerifiersStore,
    private readonly modules: ModulesStore,
    private readonly limits: LimitsStore,
    private readonly money: MoneyService,
    private readonly bus: EventBus,
    private readonly commands: OrdersCommands,
  ) {}

  /**
   * Places a job and holds its budget, or does neither. The same key with the same terms returns the same job.
   * @throws HeapError `insufficient_funds`, `module_unknown`, `input_unknown`, `file_unknown`, `view_too_large`, `budget_too_small`, `idempotency_mismatch`.
   */
  place(person_id: string, idempotency_key: string, terms: Terms): Promise<JobView> {
    return this.placeOnce(person_id, idempotency_key, hashOf(terms), async () => ({ terms }));
  }

  /** The same for an order that is made of a request of which `request_hash` tells whether it came before. */
  async placeOnce(
    person_id: string,
    idempotency_key: string,
    request_hash: string,
    make: () => Promise<{ terms: Terms; again?: Again }>,
  ): Promise<JobView> {
    const known = await this.store.findByKey(person_id, idempotency_key);
    if (known) return jobView(sameRequest(known, request_hash));
    const { terms, again } = await make();
    await this.check(person_id, terms);
    const inputs = await this.inputsOf(person_id, terms.inputs);
    const job = newJob(person_id, idempotency_key, request_hash, terms, again);
    const placed = await this.transactions.run(async (tx) => {
      if (!(await this.store.insertJob(tx, job))) return false;
      await this.money.takeHold(tx, { job_id: job.id, developer: person_id, amount: job.budget_micro });
      await this.store.insertTasks(tx, job.id, 0, inputs);
      if (terms.verifier) await this.bringVerifier(tx, person_id, job.id, terms.verifier);
      return true;
    });
    if (placed && inputs.length > 0) this.bus.publish(WorkQueued, { job_id: job.id, developer_id: person_id, slot_class: job.slot_class });
    const row = await this.store.findByKey(person_id, idempotency_key);
    if (!row) throw jobUnknown();
    return jobView(sameRequest(row, request_hash));
  }

  /** It has money of its own, so that what it costs never takes what the tasks need. */
  private async bringVerifier(tx: Transaction, person_id: string, job_id: string, terms: NonNullable<Terms['verifier']>): Promise<void> {
    const { module_hash, codec, fuel_limit, budget_micro } = terms;
    const verifier = { id: newId(), job_id, module_hash, codec, fuel_limit: BigInt(fuel_limit), budget: budget_micro };
    await this.verifiers.insert(tx, { ...verifier, price_micro: BigInt(this.config.verifier_price_micro) });
    await this.money.takeHold(tx, { job_id: verifier.id, developer: person_id, amount: budget_micro });
  }

  private async checkVerifier({ module_hash, fuel_limit, budget_micro }: NonNullable<Terms['verifier']>): Promise<void> {
    if (!(await this.modules.find(module_hash))) throw moduleUnknown(module_hash);
    const least = taskCostMax(BigInt(fuel_limit), BigInt(this.config.verifier_price_micro));
    if (budget_micro < least) throw verifierBudgetTooSmall(least);
  }

  private async check(person_id: string, terms: Terms): Promise<void> {
    const { own, nodes, owners } = terms.constraints;
    if (terms.verification === 'L4' && !own && !nodes && !owners) throw trustedNodesMissing();
    if (terms.deadline !== null && (await this.store.isPast(terms.deadline))) throw deadlinePassed(terms.deadline);
    const { job_cap_micro, day_cap_micro } = await this.limits.of(person_id);
    if (job_cap_micro !== null && terms.budget_micro + (terms.verifier?.budget_micro ?? 0n) > job_cap_micro)
      throw jobCapExceeded(job_cap_micro);
    if (terms.inputs.length === 0 && !terms.open) throw noInputs();
    const module = await this.modules.find(terms.module_hash);
    if (!module) throw moduleUnknown(terms.module_hash);
    if (module.kind === 'wasm' && terms.codec !== 'bytes') throw codecMismatch();
    const least = taskCostMax(BigInt(terms.fuel_limit), terms.max_price_micro);
    if (terms.budget_micro < least) throw budgetTooSmall(least);
    if (day_cap_micro !== null && least > day_cap_micro) throw dayCapTooSmall(day_cap_micro, least);
    await this.checkView(person_id, terms);
    if (terms.verifier) await this.checkVerifier(terms.verifier);
  }

  /** The files are here, are the developer's, and leave the program its half of the slot. */
  private async checkView(person_id: string, { view, args, slot_class }: Terms): Promise<void> {
    if (!viewFits({ ...view, args })) throw viewTooLong();
    const [bytes, most] = [viewBytes(view), viewBytesMax(slot_class)];
    if (bytes > most) throw viewTooLarge(slot_class, bytes, most);
    if (view.files.length === 0) return;
    const hashes = [...new Set(view.files.map((file) => file.hash))];
    const held = await this.modules.heldBy(person_id, hashes);
    const missing = hashes.filter((hash) => !held.has(hash));
    if (missing.length > 0) throw filesUnknown(missing);
    for (const file of view.files) if (held.get(file.hash) !== file.bytes) throw fileSizeWrong(file.path, held.get(file.hash) ?? 0);
  }

  private async inputsOf(person_id: string, payloads: readonly Payload[]): Promise<TaskInput[]> {
    const hashes = payloads.flatMap((p) => ('hash' in p ? [p.hash] : []));
    const held = hashes.length > 0 ? await this.modules.heldBy(person_id, hashes) : new Map<string, number>();
    return payloads.map((p) => {
      if ('inline' in p) {
        const bytes = Buffer.from(p.inline, 'base64');
        return { bytes, hash: null, size_bytes: bytes.length };
      }
      const size_bytes = held.get(p.hash);
      if (size_bytes === undefined) throw inputUnknown(p.hash);
      return { bytes: null, hash: p.hash, size_bytes };
    });
  }

  /** Adds inputs to an open job. Inputs that are there already (the same request again) are left as they are. */
  async addTasks(person_id: string, job_id: string, first_index: number, payloads: readonly Payload[]): Promise<number> {
    const inputs = await this.inputsOf(person_id, payloads);
    const added = await this.store.addTasks(job_id, person_id, first_index, inputs);
    if (!added) {
      // Throws for an unknown job; one that is there takes no more.
      await this.get(person_id, job_id);
      throw jobClosed();
    }
    if (first_index > added.before) throw inputsOutOfOrder(added.before);
    if (added.total > added.before) {
      const { slot_class, all_slots } = added;
      this.bus.publish(WorkQueued, { job_id, developer_id: person_id, slot_class, all_slots });
    }
    return added.total;
  }

  async close(person_id: string, job_id: string): Promise<JobView> {
    const ended = await this.transactions.run(async (tx) => {
      if (!(await this.store.close(tx, job_id, person_id))) throw jobUnknown();
      return this.commands.finish(tx, [job_id]);
    });
    this.commands.announceEnded(ended);
    return this.get(person_id, job_id);
  }

  /** Finished tasks stay paid; the rest of the budget returns. Cancelling a job that is over changes nothing. */
  async cancel(person_id: string, job_id: string): Promise<JobView> {
    await this.get(person_id, job_id);
    await this.commands.endEarly(job_id, 'CANCELLED', jobEnded('cancelled_by_developer'), 'job_cancelled');
    return this.get(person_id, job_id);
  }

  async get(person_id: string, job_id: string): Promise<JobView> {
    const row = await this.store.find(job_id, person_id);
    if (!row) throw jobUnknown();
    return jobView(row);
  }

  async list(person_id: string, filter: JobFilter): Promise<JobView[]> {
    return (await this.store.list(person_id, filter)).map(jobView);
  }
}

function sameRequest(row: JobRow, request_hash: string): JobRow {
  if (row.request_hash !== request_hash) throw keyUsed();
  return row;
}

/** Which tasks of which job an order runs again. */
export interface Again {
  of: string;
  indices: readonly number[];
}

function newJob(person_id: string, idempotency_key: string, request_hash: string, terms: Terms, again: Again | undefined): NewJob {
  const {
    inputs,
    fuel_limit,
    verifier: _,
    constraints,
    preferences,
    spread,
    min_slots,
    verification,
    preemption_notice_ms,
    ...rest
  } = terms;
  const reason = inputs.length > 0 ? waiting('next_round') : waiting('no_inputs');
  return {
    ...rest,
    id: newId(),
    person_id,
    idempotency_key,
    request_hash,
    fuel_limit: BigInt(fuel_limit),
    order_terms: onWire({ constraints, preferences, spread, min_slots, verification, preemption_notice_ms }),
    total: inputs.length,
    retry_of: again?.of ?? null,
    retry_indices: [...(again?.indices ?? [])],
    reason_code: reason.code,
    reason_sentence: reason.sentence,
  };
}
