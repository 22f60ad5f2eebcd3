import { jobTerms, type ResponseOf, ROUTES } from '#protocol';
import { charge, FUEL_PER_PRICE_UNIT, HeapError, type Micro, type SlotClass, TASK_BASE_FUEL } from '#units';
import { type Amount, type Money, microOf, withMoney } from './amount.js';
import type { FileContent, FileRef } from './files.js';
import type { HttpClient } from './http.js';
import { hashOf, type UploadedModule, type Work } from './module.js';
import { marketTermsOf, type OrderTerms, orderTermsOf } from './order.js';
import { type VerifierTerms, verifierBudget } from './verifier.js';

/** What may be said about a job; everything has a default. */
export interface Terms extends OrderTerms, VerifierTerms {
  /** A name for lists. */
  name?: string;
  /** The most it pays, per 10¹² fuel. Default: twice the present price. */
  maxPrice?: Amount;
  /** Held before anything runs; the job never costs more. Default: what its tasks can cost at most, up to 1.00 and to your balance. */
  budget?: Amount;
  /** Slots at a time. Default 4. */
  slots?: number;
  /** Memory of a slot: nano 32 MiB, micro 128 MiB (default), small 512 MiB, large 2 GiB. */
  slotClass?: SlotClass;
  /** The most fuel one task may burn. Default 10¹⁰, some ten seconds of WebAssembly on a laptop. */
  fuelLimit?: number;
  /** The largest output of one task, in bytes. Default 1 MiB. */
  outputLimit?: number;
  /** The longest one task may run on a node, in ms. Default 60,000. */
  wallLimitMs?: number;
  /** Arguments of the program. */
  args?: readonly string[];
  /** Files the tasks may read, by where they find them: `{'data/model.bin': bytes}`. Uploaded once; text is sent as UTF-8. */
  files?: Readonly<Record<string, FileContent>>;
  /** Room for files of their own in `/tmp`, in memory, gone with each task: bytes, or bytes and how many names. Default none. */
  scratch?: number | { bytes: number; files?: number };
  /** Environment variables. */
  env?: Readonly<Record<string, string>>;
  /** Two jobs with the same seed draw the same random numbers, task by task. Default: the job's id. */
  seed?: string;
  /** The first reading of the tasks' clock, in ms since 1970. Default: when the job was placed. */
  clockMs?: number;
  /** How often a task that crashed with its node or got no verdict is tried. Default 3. */
  maxAttempts?: number;
}

/** The most an order pays per 10¹² fuel, and in all; in micro-units. */
export interface Bounds {
  max_price_micro: Micro;
  budget_micro: Micro;
}

/** What an order may expect; `*_micro` members are bigints of micro-units. */
export type EstimateInfo = Money<ResponseOf<typeof ROUTES.estimate>>;

/** The price of an order before it is placed. Money is in micro-units. */
export interface Plan extends Bounds {
  /** The present price per 10¹² fuel; null while nobody offers such a slot. */
  price_micro: Micro | null;
  /** How many slots the order would get at once. */
  slots_now: number;
  reason: { code: string; sentence: string };
  /** Held beside the budget for a verifier of your own; 0 without one. */
  verifier_budget_micro: Micro;
  /** What the tasks can cost at most, all at the fuel limit and the maximum price; null when their number is unknown. */
  worst_case_micro: Micro | null;
  /** What it may expect: ranges of price, cost and time, and what would change them. */
  estimate: EstimateInfo;
}

const DEFAULT_BUDGET_MICRO = 1_000_000n;

const least = (...amounts: (Micro | null)[]): Micro => {
  const [first = 0n, ...rest] = amounts.filter((amount) => amount !== null);
  return rest.reduce((a, b) => (b < a ? b : a), first);
};

/** What is to be planned or estimated, beside its terms. */
export interface Planned {
  /** How many tasks; null where that is not known. */
  tasks?: number | null;
  /** What shall run: earlier runs of it narrow the ranges. Nothing is sent but its hash. */
  work?: Work;
  signal?: AbortSignal;
}

/** A dry clearing of the market for an order with these terms. Places nothing. */
export async function estimateOf(http: HttpClient, terms: Terms, { tasks = null, work, signal }: Planned = {}): Promise<EstimateInfo> {
  const max_price = terms.maxPrice === undefined ? null : microOf(terms.maxPrice, 'maxPrice');
  const { slot_class, slots, fuel_limit, wall_ms_limit } = checked(terms, max_price ?? 0n, 0n);
  const body = {
    slot_class,
    slots,
    fuel_limit,
    wall_ms_limit,
    tasks: tasks || null,
    max_price_micro: max_price === null ? null : String(max_price),
    module_hash: work ? await hashOf(work) : null,
    ...marketTermsOf(terms),
    // As the order will have it.
    ...(terms.verify !== undefined && { verification: 'L0' as const }),
  };
  return withMoney(await http.call(ROUTES.estimate, { body, repeatable: true, signal }));
}

/** Asks the market and the balance, and fills in what the terms leave open. Spends nothing. */
export async function planOf(http: HttpClient, terms: Terms, planned: Planned = {}): Promise<Plan> {
  const { tasks = null, signal } = planned;
  const budget = terms.budget === undefined ? null : microOf(terms.budget, 'budget');
  const { fuel_limit } = checked(terms, 0n, budget ?? 0n);
  const [estimate, balance] = await Promise.all([
    estimateOf(http, terms, planned),
    budget === null ? http.call(ROUTES.balance, { signal }) : null,
  ]);
  const { price_micro, slots_now, reason, max_price_micro } = estimate;
  // As the heap counts: a task's fuel limit, its base fuel, and a micro-unit for rounding.
  const task_micro = charge(BigInt(fuel_limit) + TASK_BASE_FUEL, max_price_micro, FUEL_PER_PRICE_UNIT) + 1n;
  const verifier_budget_micro = verifierBudget(terms);
  const worst_case_micro = tasks === null ? null : task_micro * BigInt(tasks);
  return {
    price_micro,
    slots_now,
    reason,
    max_price_micro,
    budget_micro: budget ?? least(DEFAULT_BUDGET_MICRO, worst_case_micro, spendable(balance, task_micro, verifier_budget_micro)),
    verifier_budget_micro,
    worst_case_micro,
    estimate,
  };
}

/** The bounds of terms that state both, without asking the market; null otherwise. */
export function fixedBounds(terms: Terms): Bounds | null {
  if (terms.maxPrice === undefined || terms.budget === undefined) return null;
  const bounds = { max_price_micro: microOf(terms.maxPrice, 'maxPrice'), budget_micro: microOf(terms.budget, 'budget') };
  checked(terms, bounds.max_price_micro, bounds.budget_micro);
  return bounds;
}

/** Null when it is not enough for one task: then the heap refuses the order and says how much is missing. */
function spendable(balance: ResponseOf<typeof ROUTES.balance> | null, task_micro: Micro, beside: Micro): Micro | null {
  const all = balance ? BigInt(balance.developer.available_micro) + BigInt(balance.developer.promo_micro) - beside : 0n;
  return all >= task_micro ? all : null;
}

/** The order as the heap takes it; what is undefined has its default there. */
export function orderOf(terms: Terms, bounds: Bounds, module: Pick<UploadedModule, 'hash' | 'node_codec'>, files: readonly FileRef[] = []) {
  return {
    name: terms.name,
    module_hash: module.hash,
    codec: module.node_codec,
    slot_class: terms.slotClass,
    slots: terms.slots,
    max_price_micro: String(bounds.max_price_micro),
    budget_micro: String(bounds.budget_micro),
    fuel_limit: terms.fuelLimit,
    output_bytes_limit: terms.outputLimit,
    wall_ms_limit: terms.wallLimitMs,
    args: terms.args && [...terms.args],
    view: viewOf(terms, files),
    max_attempts: terms.maxAttempts,
    ...orderTermsOf(terms),
  };
}

function viewOf({ env, scratch, seed, clockMs }: Terms, files: readonly FileRef[]) {
  return {
    env: env && { ...env },
    files: files.map(({ path, hash, bytes }) => ({ path, hash, bytes: bytes.length })),
    scratch: typeof scratch === 'number' ? { bytes: scratch } : scratch,
    seed,
    clock_ms: clockMs,
  };
}

const ANY_MODULE = { hash: '0'.repeat(64), node_codec: 'bytes' } as const;

/** The protocol's own rules, with the defaults filled in. @throws HeapError `bad_terms` with the first fault. */
function checked(terms: Terms, max_price_micro: Micro, budget_micro: Micro) {
  const order = jobTerms.safeParse(orderOf(terms, { max_price_micro, budget_micro }, ANY_MODULE));
  if (order.success) return order.data;
  const [issue] = order.error.issues;
  throw new HeapError('bad_terms', `The job's ${issue?.path.join('.')} cannot be taken: ${issue?.message}.`, 'developer');
}
