import { HTTP_LIMITS, type ResponseOf, ROUTES, type RoundView } from '#protocol';
import type { KeptMarketName, MarketName, SlotClass } from '#units';
import { Admin } from './admin.js';
import { type Amount, type Money, microOf, withMoney } from './amount.js';
import type { CheckOptions, CheckReport } from './check.js';
import type { HeapOptions } from './config.js';
import type { Listing } from './directories.js';
import type { Download, GetOptions } from './download.js';
import type { Inputs } from './feed.js';
import { HttpClient } from './http.js';
import { Job, type JobInfo, type ObjectionInfo } from './job.js';
import { changeLimits, getLimits, type LimitChanges, type LimitsInfo } from './limits.js';
import { type MapContext, type MapOptions, MapRun, type SubmitOptions, submit } from './map.js';
import {
  type CandleInfo,
  type CandlePage,
  type DepthInfo,
  eachRound,
  getDepth,
  listCandles,
  listMarkets,
  type MarketInfo,
  type RoundsFrom,
} from './market.js';
import { type FileInput, type ModuleInput, ModuleStore } from './module.js';
import { Notices } from './notices.js';
import type { TaskFailure, TaskResult } from './outcome.js';
import { type PresenceNews, type WatchOptions, watchPresence } from './presence.js';
import type { PutOptions, PutSource } from './put.js';
import {
  estimateReservation,
  type KeptLeaseInfo,
  type KeptOfferInfo,
  listKeptLeases,
  listKeptOffers,
  listReservations,
  Reservation,
  type ReservationEstimate,
  type ReservationInfo,
  type ReservationTerms,
  reserve,
  setKeptPrice,
} from './reservations.js';
import {
  changeRules,
  getRules,
  listOffers,
  type OfferInfo,
  type OfferTerms,
  type OwnerRules,
  type RuleChanges,
  setOfferTerms,
} from './rules.js';
import { Storage } from './storage.js';
import { type EstimateInfo, estimateOf, type Plan, type Planned, planOf, type Terms } from './terms.js';
import { Verification } from './verification.js';
import type { StoredFile, Volumes } from './volumes.js';

export type HeapInfo = ResponseOf<typeof ROUTES.heap>;
export type BalanceInfo = Money<ResponseOf<typeof ROUTES.balance>>;
export type DepositInfo = Money<ResponseOf<typeof ROUTES.deposit>>;
export type RefundInfo = Money<ResponseOf<typeof ROUTES.refundDeposit>>;
export type TopUpInfo = Money<ResponseOf<typeof ROUTES.getTopUp>>;
export type PayoutInfo = Money<ResponseOf<typeof ROUTES.requestPayout>>;
export type PayoutAccountInfo = Money<ResponseOf<typeof ROUTES.openPayoutAccount>>;
export type EarningsInfo = Money<ResponseOf<typeof ROUTES.earnings>>;
export type FundsInfo = Money<ResponseOf<typeof ROUTES.funds>>;
export type CorrectionInfo = Money<ResponseOf<typeof ROUTES.correct>>;
export type PromoInfo = Money<ResponseOf<typeof ROUTES.redeemPromo>>;
/** What you brought as a partner, and what is payable. */
export type PartnerInfo = Money<ResponseOf<typeof ROUTES.getPartner>>;
export type StatementHead = Money<ResponseOf<typeof ROUTES.listStatements>['statements'][number]>;
export type StatementInfo = Money<ResponseOf<typeof ROUTES.getStatement>>;
export type SpendingInfo = Money<ResponseOf<typeof ROUTES.spending>>;
export type PayoutTermsInfo = Money<ResponseOf<typeof ROUTES.getPayoutTerms>>;
export type NodeInfo = ResponseOf<typeof ROUTES.listNodes>['nodes'][number];
/** A lease of one of your devices, with what is known of its buyer. */
export type OwnerLease = Money<ResponseOf<typeof ROUTES.listLeases>['leases'][number]>;
/** Free slots of one of your devices, and why nobody has them. */
export type IdleInfo = ResponseOf<typeof ROUTES.listIdle>['idle'][number];
export type EnrolmentCode = ResponseOf<typeof ROUTES.createEnrolmentCode>;
export type EnrolmentLink = ResponseOf<typeof ROUTES.createEnrolmentLink>;
export type ModuleInfo = ResponseOf<typeof ROUTES.listModules>['modules'][number];
export type Person = ResponseOf<typeof ROUTES.me>;
export type RunResult = (TaskResult<unknown> | TaskFailure) & { job_id: string };

/** The files that the job brings along, and `/tmp` when it asks for scratch; errors have a `code` such as `ENOENT` or `ENOSPC`. */
export interface TaskFiles {
  /** What lies in a directory; the root when none is named. */
  list(path?: string): { name: string; type: 'file' | 'directory'; bytes: number }[];
  read(path: string): Uint8Array;
  /** The same as UTF-8. */
  text(path: string): string;
  /** Makes or replaces a file below `/tmp`, with the directories on its way. */
  write(path: string, data: Uint8Array | ArrayBuffer | string): void;
  /** Removes a file or an empty directory below `/tmp`. */
  remove(path: string): void;
}

/** What a JavaScript handler gets beside its input. */
export interface TaskContext {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: TaskFiles;
  /** Equal seeds give equal runs. */
  readonly seed: string;
  /** In [0, 1), from the seed; Math.random is the same source. */
  random(): number;
}

interface Page {
  limit?: number;
  before?: string;
}

const pageOf = ({ limit = 20, before }: Page) => ({ limit: Math.min(limit, HTTP_LIMITS.page_items), before });

type YieldFailures = MapOptions & { onTaskError: 'yield' };

/**
 * A heap: a market for the idle capacity of devices. Money is `bigint` micro-units (a millionth of the currency). Every method throws
 * `HeapError` with a `code`, a sentence and the party at `fault`: `unreachable`, `unauthenticated`, `insufficient_funds` and so on.
 */
export class Heap {
  readonly #http: HttpClient;
  readonly #context: MapContext;
  readonly #storage: Storage;
  /** How results are checked, penalties and appeals. */
  readonly verification: Verification;

  /**
   * Finds the heap by `options`, then HEAP_URL and HEAP_API_KEY, then the profile that `npx heap dev` writes.
   * @throws HeapError `no_heap` when none is found.
   */
  constructor(options: HeapOptions = {}) {
    this.#http = new HttpClient(options);
    this.#storage = new Storage(this.#http);
    this.#context = { http: this.#http, modules: new ModuleStore(this.#http), storage: this.#storage };
    this.verification = new Verification(this.#http);
  }

  get url(): string {
    return this.#http.credentials.url;
  }

  /**
   * Applies a function or a module to every input on other people's devices and yields results as they settle. Inputs are streamed: an endless
   * generator is fine. Leaving the loop early cancels the job.
   *
   * A function is sent as its source, so it must not use variables from around it: that is refused before anything is spent, naming them.
   * @throws HeapError `closure_captured`, `not_a_plain_function`, `insufficient_funds`, `task_failed` (unless `onTaskError: 'yield'`),
   * `budget_exhausted`, ...
   */
  map<I, O>(
    fn: (input: I, context: TaskContext) => O,
    inputs: Inputs<I>,
    options: YieldFailures,
  ): MapRun<TaskResult<Awaited<O>> | TaskFailure>;
  map<I, O>(fn: (input: I, context: TaskContext) => O, inputs: Inputs<I>, options?: MapOptions): MapRun<TaskResult<Awaited<O>>>;
  map<O = unknown>(module: ModuleInput | FileInput, inputs: Inputs<unknown>, options: YieldFailures): MapRun<TaskResult<O> | TaskFailure>;
  map<O = unknown>(module: ModuleInput | FileInput, inputs: Inputs<unknown>, options?: MapOptions): MapRun<TaskResult<O>>;
  map(
    work: ModuleInput | FileInput | ((input: never, context: TaskContext) => unknown),
    inputs: Inputs<unknown>,
    options: MapOptions = {},
  ): MapRun<never> {
    return new MapRun(this.#context, work, inputs, options);
  }

  /**
   * Places a job with all its inputs and leaves it to run: nothing waits for results, `job.results()` follows it from anywhere, `job.cancel()`
   * stops it. Resolves when the last input is sent.
   * @throws HeapError as `map` does before its first result.
   */
  submit(
    work: ModuleInput | FileInput | ((input: never, context: TaskContext) => unknown),
    inputs: Inputs<unknown>,
    options: SubmitOptions = {},
  ): Promise<Job> {
    return submit(this.#context, work, inputs, options);
  }

  /**
   * Runs one program on one input. A program that ends with an exit code other than 0 is a result, with its output and `exit_code`.
   * @throws HeapError `task_failed` when it trapped, ran out of fuel and so on.
   */
  async run(
    module: ModuleInput | FileInput | Uint8Array | string,
    input: unknown,
    options: Omit<MapOptions, 'onTaskError'> = {},
  ): Promise<RunResult> {
    const work = typeof module === 'string' || module instanceof Uint8Array ? { module } : module;
    const run = this.map(work, [input], { ...options, onTaskError: 'yield' });
    const [result] = await run.all();
    if (!result) throw new TypeError('a job of one task ended without a result');
    if (result.error && result.verdict !== 'exit') throw result.error;
    return { ...result, job_id: (await run.job).id };
  }

  /** The modules that you have put, newest first: the hash of your bytes, and of what nodes make of them and run. */
  async modules(): Promise<ModuleInfo[]> {
    return (await this.#http.call(ROUTES.listModules)).modules;
  }

  /** Price, maximum and budget that a job with these terms would get now, and what it may expect. Spends nothing. */
  plan(terms: Terms = {}, planned: Planned = {}): Promise<Plan> {
    return planOf(this.#http, terms, planned);
  }

  /**
   * What a job with these terms may expect: a dry clearing of the market, and ranges of price, cost and time that each hold with the stated
   * confidence. `price_micro` is per 10¹² fuel, null while it would get no slot. Spends nothing.
   */
  estimate(terms: Terms = {}, planned: Planned = {}): Promise<EstimateInfo> {
    return estimateOf(this.#http, terms, planned);
  }

  /** Every market: its last price, the last day, what is free and wanted now. */
  markets(): Promise<MarketInfo[]> {
    return listMarkets(this.#http);
  }

  /** Prices, volume and fill times of a market, oldest first. */
  candles(market: SlotClass | MarketName, page: CandlePage = {}): Promise<CandleInfo[]> {
    return listCandles(this.#http, market, page);
  }

  /** How many slots are wanted and offered at which price now, best first. */
  depth(market: SlotClass | MarketName, levels?: number): Promise<DepthInfo> {
    return getDepth(this.#http, market, levels);
  }

  /** The receipt of a round, whose id a job's receipt has. */
  round(id: string): Promise<RoundView> {
    return this.#http.call(ROUTES.getRound, { params: { round_id: id } });
  }

  /** A market's receipts in the order of their chain, fetched page by page. */
  rounds(market: SlotClass | MarketName, from: RoundsFrom = {}): AsyncGenerator<RoundView, void, void> {
    return eachRound(this.#http, market, from);
  }

  /** Your jobs, newest first; `before` a job's id gives the page behind it. */
  async jobs(
    page: { limit?: number; before?: string; state?: JobInfo['state']; phase?: 'live' | 'over'; text?: string } = {},
  ): Promise<JobInfo[]> {
    const { limit = 20, ...filter } = page;
    const { jobs } = await this.#http.call(ROUTES.listJobs, { query: { ...filter, limit: Math.min(limit, HTTP_LIMITS.page_items) } });
    return withMoney(jobs);
  }

  /** A job by its id; nothing is asked before one of its methods is called. */
  job(id: string): Job {
    return new Job(this.#http, id);
  }

  /**
   * Reserves standing slots by the hour or storage by the month. The budget is held at once; slots and bytes come with the next round in which
   * the reservation wins, are renewed while its budget lasts, and are paid for the time in which their devices were there.
   * @throws HeapError `insufficient_funds`, `budget_too_small`, `job_cap_exceeded`, ...
   */
  reserve(terms: ReservationTerms): Promise<ReservationInfo> {
    return reserve(this.#http, terms);
  }

  /** What a reservation with these terms may expect. Spends nothing. */
  estimateReservation(terms: ReservationTerms): Promise<ReservationEstimate> {
    return estimateReservation(this.#http, terms);
  }

  /** Your reservations, newest first; `before` a reservation's id gives the page behind it. */
  reservations(page: Page = {}): Promise<ReservationInfo[]> {
    return listReservations(this.#http, page);
  }

  /** A reservation by its id; nothing is asked before one of its methods is called. */
  reservation(id: string): Reservation {
    return new Reservation(this.#http, id);
  }

  /** Volumes: encrypted storage on many devices. */
  get volumes(): Volumes {
    return this.#storage.volumes;
  }

  /**
   * Puts a file into a volume: encrypted and coded here, so that neither the heap nor a device can read it. Resolves to its read capability,
   * the only thing that opens it, when enough independent devices keep it. The source is streamed; at most two segments of 16 MiB are in memory.
   * @throws HeapError `no_volume`, `which_volume`, `name_taken`, `put_incomplete`, `source_changed`, …; what broke off is resumed with `resume`
   */
  put(source: PutSource, options: PutOptions = {}): Promise<string> {
    return this.#storage.put(source, options);
  }

  /**
   * Reads a file by its capability, or by that of a directory and a path: `heap-r1:…/letters/first.txt`. Iterate over it, or take `.bytes()`,
   * `.text()`, `.stream()`. Any k of its pieces do; each is checked by the capability, and another is taken for one that is away or wrong.
   * @throws HeapError while it is read: `capability.…`, `erasure.too_few_pieces`, `file_deleted`, `not_found`, …
   */
  get(address: string, options: GetOptions = {}): Download {
    return this.#storage.get(address, options);
  }

  /** How well a file is kept: its pieces, its margin and what is missing. A verify capability is enough. */
  check(address: string, options: CheckOptions = {}): Promise<CheckReport> {
    return this.#storage.check(address, options);
  }

  /** Deletes a file of yours. Who has its capability finds it deleted; names of it in directories stay until they are unlinked. */
  rm(address: string): Promise<StoredFile> {
    return this.#storage.rm(address);
  }

  /** A new directory; resolves to its write capability. `into` links it: the write capability of another, a slash and its name there. */
  mkdir(options: { volume?: string; into?: string } = {}): Promise<string> {
    return this.#storage.mkdir(options);
  }

  /** What lies in a directory, as far as its capability shows it. */
  ls(address: string): Promise<Listing> {
    return this.#storage.ls(address);
  }

  /** Links a capability in a directory, as `heap-w1:…/name`. Whoever else changes it at the same time loses nothing. */
  link(address: string, target: string, { replace = false }: { replace?: boolean } = {}): Promise<void> {
    return this.#storage.link(address, target, replace);
  }

  /** Takes a name out of a directory; resolves to the capability that it had. What it named stays. */
  unlink(address: string): Promise<string> {
    return this.#storage.unlink(address);
  }

  /** Standing slots and storage that your devices offer, at what reserve price, and why they are idle. */
  keptOffers(): Promise<KeptOfferInfo[]> {
    return listKeptOffers(this.#http);
  }

  /** Sets the reserve price of a slot-hour or a GB-month of a device; null goes back to the automatic one. */
  setKeptPrice(node_id: string, market: KeptMarketName, price: Amount | null): Promise<void> {
    return setKeptPrice(this.#http, node_id, market, price);
  }

  /** Leases of standing slots and storage of your devices, newest first. */
  keptLeases(page: Page = {}): Promise<KeptLeaseInfo[]> {
    return listKeptLeases(this.#http, page);
  }

  /** What you can spend, what is held for which job, frozen, refundable, and your caps. */
  async funds(): Promise<FundsInfo> {
    return withMoney(await this.#http.call(ROUTES.funds));
  }

  /** What your devices earned: held (until when and why), payable, on its way, paid, and when a payout comes within reach. */
  async earnings(): Promise<EarningsInfo> {
    return withMoney(await this.#http.call(ROUTES.earnings));
  }

  async balance(): Promise<BalanceInfo> {
    return withMoney(await this.#http.call(ROUTES.balance));
  }

  /**
   * Adds money: a bigint of micro-units or a string like "5.00". With simulated payments it arrives at once and is not real; otherwise
   * somebody pays at the answer's `url`.
   */
  async deposit(amount: Amount): Promise<DepositInfo> {
    return withMoney(await this.#http.call(ROUTES.deposit, { body: { amount_micro: String(microOf(amount, 'amount')) } }));
  }

  /** Your deposits, newest first; `before` a deposit's id gives the page behind it. */
  async deposits(page: Page = {}): Promise<DepositInfo[]> {
    return withMoney((await this.#http.call(ROUTES.listDeposits, { query: pageOf(page) })).deposits);
  }

  /** Sends unspent money of a deposit back to the card it came from; without an amount, all that can go back. */
  async refund(depositId: string, amount?: Amount): Promise<RefundInfo> {
    const body = amount === undefined ? {} : { amount_micro: String(microOf(amount, 'amount')) };
    return withMoney(await this.#http.call(ROUTES.refundDeposit, { params: { deposit_id: depositId }, body }));
  }

  async refunds(page: Page = {}): Promise<RefundInfo[]> {
    return withMoney((await this.#http.call(ROUTES.listRefunds, { query: pageOf(page) })).refunds);
  }

  /** When money is added by itself, and up to how much a month. */
  async topUp(): Promise<TopUpInfo> {
    return withMoney(await this.#http.call(ROUTES.getTopUp));
  }

  /** Adds `amount` from the saved card whenever less than `below` is left, never more than `monthlyCap` in a month; null switches it off. */
  async setTopUp(terms: { below: Amount; amount: Amount; monthlyCap: Amount } | null): Promise<TopUpInfo> {
    const { below, amount, monthlyCap } = terms ?? { below: 0n, amount: 0n, monthlyCap: 0n };
    const body = {
      enabled: terms !== null,
      below_micro: String(microOf(below, 'below')),
      amount_micro: String(microOf(amount, 'amount')),
      monthly_cap_micro: String(microOf(monthlyCap, 'monthlyCap')),
    };
    return withMoney(await this.#http.call(ROUTES.setTopUp, { body }));
  }

  /** A link to the payment provider's form, where you prove who you are and name a bank account; `url` is null where nothing is to be proved. */
  async openPayoutAccount(options: { password?: string } = {}): Promise<PayoutAccountInfo> {
    const body = options.password === undefined ? {} : { password: options.password };
    return withMoney(await this.#http.call(ROUTES.openPayoutAccount, { body, repeatable: true }));
  }

  /** Whether and why your earnings can be paid out. */
  async payoutAccount(): Promise<PayoutAccountInfo['account']> {
    return withMoney(await this.#http.call(ROUTES.getPayoutAccount));
  }

  /**
   * Pays your earnings out, or with `of: 'partner'` your shares; without an amount, all that is payable. Takes your password again,
   * if you have one.
   */
  async payout(options: { amount?: Amount; password?: string; of?: 'owner' | 'partner' } = {}): Promise<PayoutInfo> {
    const body = {
      ...(options.of !== undefined && { of: options.of }),
      ...(options.amount !== undefined && { amount_micro: String(microOf(options.amount, 'amount')) }),
      ...(options.password !== undefined && { password: options.password }),
    };
    return withMoney(await this.#http.call(ROUTES.requestPayout, { body }));
  }

  /** Your payouts, newest first. */
  async payouts(page: Page = {}): Promise<PayoutInfo[]> {
    return withMoney((await this.#http.call(ROUTES.listPayouts, { query: pageOf(page) })).payouts);
  }

  /** When your earnings are paid out by themselves, and from how much on. */
  async payoutTerms(): Promise<PayoutTermsInfo> {
    return withMoney(await this.#http.call(ROUTES.getPayoutTerms));
  }

  async setPayoutTerms(terms: { schedule: PayoutTermsInfo['schedule']; minimum?: Amount; password?: string }): Promise<PayoutTermsInfo> {
    const body = {
      schedule: terms.schedule,
      ...(terms.minimum !== undefined && { minimum_micro: String(microOf(terms.minimum, 'minimum')) }),
      ...(terms.password !== undefined && { password: terms.password }),
    };
    return withMoney(await this.#http.call(ROUTES.setPayoutTerms, { body }));
  }

  /** Objections that you raised and those against work of your devices, newest first; `all` of the heap for its admins. */
  async objections(options: Page & { state?: 'OPEN' | 'DECIDED'; all?: boolean } = {}): Promise<ObjectionInfo[]> {
    const query = { ...pageOf(options), ...(options.state !== undefined && { state: options.state }) };
    return withMoney((await this.#http.call(options.all ? ROUTES.listAllObjections : ROUTES.listObjections, { query })).objections);
  }

  /** For admins: decides an objection, once; `refund` says how much goes back of a split. */
  async decideObjection(
    objectionId: string,
    decision: { outcome: 'owner' | 'developer' | 'split'; refund?: Amount; reason: string },
  ): Promise<ObjectionInfo> {
    const { outcome, refund, reason } = decision;
    const body = { outcome, reason, ...(refund !== undefined && { refund_micro: String(microOf(refund, 'refund')) }) };
    return withMoney(await this.#http.call(ROUTES.decideObjection, { params: { objection_id: objectionId }, body, repeatable: true }));
  }

  /** For admins: takes back what results earned that were proven wrong. */
  async correct(jobId: string, tasks: readonly number[], reason: string): Promise<CorrectionInfo> {
    return withMoney(await this.#http.call(ROUTES.correct, { body: { job_id: jobId, tasks: [...tasks], reason }, repeatable: true }));
  }

  /** Your devices. */
  async nodes(): Promise<NodeInfo[]> {
    return (await this.#http.call(ROUTES.listNodes)).nodes;
  }

  /**
   * Your devices as they change: everything as it is first, then each change once and in order, over as many connections as it takes. `after` the
   * number of a change goes on from there. Ends with its signal.
   */
  watchNodes(options: WatchOptions = {}): AsyncGenerator<PresenceNews, never, void> {
    return watchPresence(this.#http, options);
  }

  /** A code that enrols one device as yours, once, within ten minutes; with the link of a partner, as one that the partner brought. */
  enrolmentCode(options: { partner?: string } = {}): Promise<EnrolmentCode> {
    return this.#http.call(ROUTES.createEnrolmentCode, { body: options });
  }

  /** A link by which many devices join you, each with a code of its own; its code is shown once. */
  enrolmentLink(options: { label: string; usesMax: number; days?: number; partner?: string }): Promise<EnrolmentLink> {
    const { usesMax: uses_max, ...more } = options;
    return this.#http.call(ROUTES.createEnrolmentLink, { body: { ...more, uses_max } });
  }

  /** Your rules as an owner: prices, whom and what your devices admit. */
  rules(): Promise<OwnerRules> {
    return getRules(this.#http);
  }

  /** Changes your rules; what is left out stays. They hold from the next round on. @throws HeapError `invalid_input` naming the member. */
  setRules(changes: RuleChanges): Promise<OwnerRules> {
    return changeRules(this.#http, changes);
  }

  /** What your devices offer, at what reserve price and why. */
  offers(): Promise<OfferInfo[]> {
    return listOffers(this.#http);
  }

  /** Why free slots of your devices find no work at present. */
  async idle(): Promise<IdleInfo[]> {
    return (await this.#http.call(ROUTES.listIdle)).idle;
  }

  /** Says where one of your devices is, what it is called for, and its own prices by the hour. */
  setOffer(node_id: string, terms: OfferTerms): Promise<void> {
    return setOfferTerms(this.#http, node_id, terms);
  }

  /** Leases of your devices, newest first, with what is known of their buyers; `before` a lease's id gives the page behind it. */
  async leases(page: { limit?: number; before?: string } = {}): Promise<OwnerLease[]> {
    const query = { limit: Math.min(page.limit ?? 20, HTTP_LIMITS.page_items), before: page.before };
    return withMoney((await this.#http.call(ROUTES.listLeases, { query })).leases);
  }

  /** Caps and block lists that hold for all of your jobs, and what today cost so far. */
  limits(): Promise<LimitsInfo> {
    return getLimits(this.#http);
  }

  /** Changes them; what is left out stays. */
  setLimits(changes: LimitChanges): Promise<LimitsInfo> {
    return changeLimits(this.#http, changes);
  }

  /** Redeems the code of a campaign: money that is spent before your own and never paid out. */
  async promo(code: string): Promise<PromoInfo> {
    return withMoney(await this.#http.call(ROUTES.redeemPromo, { body: { code }, repeatable: true }));
  }

  /** Your promotional money, by campaign. */
  async promos(): Promise<PromoInfo[]> {
    return withMoney((await this.#http.call(ROUTES.listPromos)).grants);
  }

  /** What you were charged, by day of UTC and by job; without days, in the running month. */
  async spending(days: { from?: string; to?: string } = {}): Promise<SpendingInfo> {
    return withMoney(await this.#http.call(ROUTES.spending, { query: days }));
  }

  /** Your statements as developer, owner and partner, the running month first. */
  async statements(): Promise<StatementHead[]> {
    return withMoney((await this.#http.call(ROUTES.listStatements)).statements);
  }

  /** One statement with its lines, by its number or as `owner-2026-11`. */
  async statement(id: string): Promise<StatementInfo> {
    return withMoney(await this.#http.call(ROUTES.getStatement, { params: { statement_id: id } }));
  }

  /** The same as a file. */
  statementFile(id: string, format: 'csv' | 'pdf'): Promise<Uint8Array> {
    return this.#http.bytes(ROUTES.getStatementFile, { params: { statement_id: id, format } });
  }

  /** Your enrolment links as a partner, what they brought, and what is payable. */
  async partner(): Promise<PartnerInfo> {
    return withMoney(await this.#http.call(ROUTES.getPartner));
  }

  /** What the heap tells you, and webhooks. */
  get notices(): Notices {
    return new Notices(this.#http);
  }

  /** For admins of the heap. */
  get admin(): Admin {
    return new Admin(this.#http);
  }

  /** Whose API key this is. */
  me(): Promise<Person> {
    return this.#http.call(ROUTES.me);
  }

  /** The heap at a glance; needs no API key. */
  info(): Promise<HeapInfo> {
    return this.#http.call(ROUTES.heap);
  }
}
