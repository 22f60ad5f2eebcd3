import { type Body, type Message, type MessageType, slotsAllowed, type WireBody, withinLimits } from '#protocol';
import type { RunOutcome } from '#sandbox';
import { type Bounds, DEFAULT_BOUNDS } from './bounds.js';
import { Delivery } from './delivery.js';
import { GiveBacks, type GiveBackTimes } from './give-backs.js';
import { Outbox } from './outbox.js';
import { Guard, type GuardView } from './owner/guard.js';
import { RULED_OUT, type Verdict } from './owner/judge.js';
import { holdSentence, type KeptRules, OwnerWord, type WordBook } from './owner/owner-word.js';
import type { Sensors } from './owner/readings.js';
import { NO_RULES, type OwnerRules, type RuleName } from './owner/rules.js';
import { Pace } from './pace.js';
import { Pieces, type PiecesStatus } from './pieces/pieces.js';
import type { Ban } from './pieces/transfer-queue.js';
import type { Cancel, Capacity, Kept, Ports } from './ports.js';
import { Rules, type Standing } from './rules.js';
import { Runner, type Work } from './runner.js';
import { Session, type SessionStatus } from './session.js';
import { stateMessages } from './state.js';
import { Transfers } from './transfers.js';
import { within } from './wait.js';

export interface AgentConfig {
  /** `wss://host/v1/socket`. */
  url: string;
  /** The Host header of `url`, with the port unless it is the scheme's own. */
  host: string;
  agent_version: string;
  capacity: readonly Capacity[];
  /** Slots for services and bytes that it keeps; none unless the owner allots some. */
  kept?: Kept;
  /** Measured by running fuel through a slot. */
  speed_fuel_per_ms: number;
  /** Measure real work too: offer its speed, and rest when it becomes slow. */
  paced?: boolean;
  /** When the device works until its owner has ruled; without, always. */
  rules?: OwnerRules;
  /** What the owner said before, and where it is kept; without, nothing is. */
  word?: WordBook;
  /** Rules that are set at the heap do not count. */
  own_rules_only?: boolean;
  /** What this device makes of rules that are set at the heap: never more than it allows anybody. Default: not hotter than is healthy. */
  bounded?: (rules: OwnerRules) => OwnerRules;
  /** Cores of the processor, for rules that allow a share of them. */
  cores?: number;
  /** What the device feels: for the rules, and for each heartbeat. */
  sensors?: Sensors;
  bounds?: Partial<Bounds>;
}

export interface AgentStatus {
  session: SessionStatus;
  standing: Standing;
  work: Work[];
  tasks_done: number;
  fuel_used: bigint;
  speed_fuel_per_ms: number;
  /** Finished here, not yet confirmed by the heap. */
  unconfirmed: number;
  /** How long the device took to be its owner's again the last time. */
  give_back_ms: number | null;
  /** The same of all times when something ran. */
  give_backs: GiveBackTimes | null;
  owner: GuardView;
  /** Who set the rules in force, and since when; null where nobody has. */
  ruled: KeptRules | null;
  /** ms since 1970; null while it is not held, or held until it is released. */
  held_until_ms: number | null;
  /** Of volumes; null where the host keeps none. */
  pieces: PiecesStatus | null;
}

/** These are about more than the processor: while one forbids, no pieces are moved either. */
const PAUSE_TRANSFERS: ReadonlySet<RuleName> = new Set(['hours', 'charging', 'battery', 'temperature', 'metered']);

/** A device whose speed moves by less need not be priced anew. */
const SPEED_CHANGE = 0.25;

/** The longest that every host's timer can wait, and a little less. */
const TIMER_MS_MAX = 24 * 24 * 3_600_000;
/** Give-backs that the heap was not there to hear of. */
const UNTOLD_MAX = 32;

type Waiting = { type: MessageType; body: unknown };

/** A device of the heap: one session, the owner's rules, the leases, and what is finished but not yet confirmed. */
export class Agent {
  private readonly bounds: Bounds;
  private readonly session: Session;
  private readonly outbox: Outbox;
  private readonly transfers: Transfers;
  private readonly delivery: Delivery;
  private readonly rules: Rules;
  private readonly runner: Runner;
  private readonly guard: Guard;
  private readonly word: OwnerWord;
  private readonly pieces: Pieces | null;
  private untold: { at_ms: number; body: Omit<WireBody<'given'>, 'ago_ms'> }[] = [];
  private readonly give_backs = new GiveBacks();
  private readonly pace = new Pace();
  /** How often in a row it had to cool down, and when the last time began. */
  private cools = 0;
  private cooled_ms = Number.NEGATIVE_INFINITY;
  private speed_fuel_per_ms: number;
  private offered_ms = Number.NEGATIVE_INFINITY;
  /** Control messages for which the window had no room. */
  private waiting: Waiting[] = [];
  private cancelReconcile: Cancel | null = null;
  private cancelFinish: Cancel | null = null;
  private give_back_ms: number | null = null;
  private stopping: Promise<void> | null = null;
  private giving: Promise<number> | null = null;
  private offered_code = '';

  constructor(
    private readonly config: AgentConfig,
    private readonly ports: Ports,
    private readonly onStatus: (status: AgentStatus) => void = () => {},
  ) {
    this.bounds = { ...DEFAULT_BOUNDS, ...config.bounds };
    this.speed_fuel_per_ms = config.speed_fuel_per_ms;
    this.session = new Session(config, ports, this.bounds, {
      online: () => this.online(),
      resumed: () => this.resumed(),
      offline: () => this.offline(),
      message: (message) => this.message(message),
      writable: () => this.writable(),
      heartbeat: () => this.heartbeat(),
      status: (status) => this.sessionStatus(status),
    });
    this.outbox = new Outbox(ports.outbox, this.bounds, () => ports.clock.wall_ms());
    this.transfers = new Transfers(ports, () => this.session.token);
    this.rules = new Rules(ports.clock, this.bounds, (standing) => this.standing(standing));
    this.delivery = new Delivery(this.outbox, this.session, this.transfers, ports, this.bounds, () => this.runner.nudge());
    this.pieces = this.keeper();
    this.word = new OwnerWord({
      book: config.word ?? { kept: { rules: null, hold: null }, keep: () => {} },
      rules_by_default: config.rules ?? NO_RULES,
      own_rules_only: config.own_rules_only ?? false,
      bounded: config.bounded ?? withinLimits,
      wall_ms: () => ports.clock.wall_ms(),
    });
    this.guard = new Guard(this.word.rules, config.sensors ?? null, ports.clock, ports.log, (verdict) => this.judged(verdict));
    const control = {
      yield: (body: WireBody<'yield'>) => this.send('yield', body),
      cancelled: (body: WireBody<'cancelled'>) => this.send('cancelled', body),
      ran: (module_hash: string, outcome: RunOutcome) => this.ran(module_hash, outcome),
    };
    this.runner = new Runner(config.capacity, ports, this.bounds, this.outbox, this.delivery, this.transfers, this.rules, control);
  }

  /** Reads what an earlier run left, looks at the device, and connects. */
  async start(): Promise<void> {
    await this.outbox.restore();
    this.keepHeld();
    await this.guard.start();
    if (this.stopping) return;
    this.delivery.start();
    this.pieces?.start();
    this.session.start();
  }

  private keeper(): Pieces | null {
    const { pieces, clock, random, bytes, log } = this.ports;
    if (!pieces) return null;
    const { storage = [], moved_bytes_per_day = null } = this.config.kept ?? {};
    return new Pieces({ ...pieces, clock, random, bytes, log }, this.bounds, {
      quota_bytes: storage.reduce((sum, part) => sum + part.bytes, 0),
      bytes_per_day: moved_bytes_per_day,
      token: () => this.session.token,
      say: (type, body) => (this.session.hears_pieces ? this.send(type, body) : undefined),
    });
  }

  /** Whether pieces may be moved: not while the owner holds the device, nor while a rule of more than the processor forbids work. */
  private moving(): Ban | null {
    const { code, sentence } = this.rules.standing;
    if (code === 'stopping' || code === 'held_by_owner') return { code, sentence };
    const forbids = this.guard.view.verdict.rules.find(({ rule, verdict }) => verdict === 'forbids' && PAUSE_TRANSFERS.has(rule));
    return forbids ? { code: RULED_OUT[forbids.rule], sentence: forbids.sentence } : null;
  }

  get status(): AgentStatus {
    return {
      session: this.session.status,
      standing: this.rules.standing,
      work: this.runner.work(),
      tasks_done: this.runner.tasks_done,
      fuel_used: this.runner.fuel_used,
      speed_fuel_per_ms: this.speed_fuel_per_ms,
      unconfirmed: this.outbox.size,
      give_back_ms: this.give_back_ms,
      give_backs: this.give_backs.times,
      owner: this.guard.view,
      ruled: this.word.ruled,
      held_until_ms: this.word.held?.until_ms ?? null,
      pieces: this.pieces?.status ?? null,
    };
  }

  /**
   * The owner's hold button on the device: everything stops now. Resolves when the device is the owner's again, with the time it took.
   * @param for_ms null holds until it is released.
   */
  hold(for_ms: number | null = null): Promise<number> {
    const began_ms = this.ports.clock.now_ms();
    this.word.holdHere(for_ms);
    this.keepHeld();
    const given = this.giveBack(began_ms);
    this.sayWord();
    return given;
  }

  /** Everything stops now, for a reason of the host's that is no word of the owner's. Resolves as `hold` does. */
  clear(sentence: string): Promise<number> {
    const began_ms = this.ports.clock.now_ms();
    this.rules.hold(sentence);
    return this.giveBack(began_ms);
  }

  /** Holds the device as long as the owner's word says, wherever it was said. */
  private keepHeld(): void {
    const { held } = this.word;
    if (held)
      this.rules.hold(holdSentence(held.until_ms), held.left_ms === null ? null : Math.min(held.left_ms, TIMER_MS_MAX), () =>
        this.keepHeld(),
      );
    else this.rules.release();
  }

  /** The network may be back, or the device has woken: no reason to wait for the next try. */
  hurry(): void {
    this.session.hurry();
  }

  /** Whatever the connection was, it is gone: the host knows before the socket does. */
  disconnected(reason: string): void {
    this.session.restart(reason);
  }

  /** For the heap's HTTP side, while a session is up. */
  get token(): string | null {
    return this.session.token;
  }

  /** Other rules, set by the owner on the device, from now on. */
  setRules(rules: OwnerRules): void {
    this.word.ruleHere(rules);
    this.ruledAnew();
    this.sayWord();
  }

  /** What the device makes of rules set at the heap has become another: as when it was told that it may work in the background. */
  ruledAnew(): void {
    this.guard.setRules(this.word.rules);
    // How many slots they allow may be another number.
    this.offer();
  }

  /** What the owner said at the heap. */
  private wished(wish: Body<'wish'>): void {
    const began_ms = this.ports.clock.now_ms();
    const news = this.word.hear(wish);
    if (news.hold) {
      this.keepHeld();
      if (this.word.held) void this.giveBack(began_ms);
    }
    if (news.rules) this.ruledAnew();
    // Also of what changed nothing here: whoever said it waits to hear what counts.
    this.sayWord();
    this.onStatus(this.status);
  }

  private sayWord(): void {
    if (this.session.hears_owner) this.send('owner', this.word.report());
  }

  private sayGiven(): void {
    if (!this.session.online || !this.session.hears_owner) return;
    const now_ms = this.ports.clock.now_ms();
    for (const { at_ms, body } of this.untold.splice(0)) this.send('given', { ...body, ago_ms: Math.max(0, Math.round(now_ms - at_ms)) });
  }

  private ran(module_hash: string, { fuel_used, wall_ms }: RunOutcome): void {
    if (!this.config.paced) return;
    const { pace, bounds } = this;
    pace.add(module_hash, fuel_used, wall_ms);
    if (pace.slowed_to !== null) return this.coolDown(pace.slowed_to);
    const speed = pace.fuel_per_ms;
    if (speed === null || Math.abs(speed / this.speed_fuel_per_ms - 1) < SPEED_CHANGE) return;
    const now_ms = this.ports.clock.now_ms();
    if (now_ms - this.offered_ms < bounds.speed_offer_ms) return;
    this.speed_fuel_per_ms = speed;
    this.offer();
  }

  private coolDown(slowed_to: number): void {
    const now_ms = this.ports.clock.now_ms();
    if (now_ms - this.cooled_ms > 2 * this.bounds.rest_cap_ms) this.cools = 0;
    this.cooled_ms = now_ms;
    const rest_ms = Math.min(this.bounds.rest_cap_ms, this.bounds.cool_ms * 2 ** Math.min(this.cools, 10));
    this.cools += 1;
    const sentence = `Work runs at ${Math.round(slowed_to * 100)} % of its usual speed: the device is hot, or something else needs it. It rests for ${Math.round(rest_ms / 1_000)} s.`;
    this.rules.rest('slowed_down', sentence, rest_ms, () => this.pace.rested());
    void this.giveBack(now_ms);
  }

  private judged(verdict: Verdict): void {
    const began_ms = this.ports.clock.now_ms();
    this.rules.judged(verdict);
    this.pieces?.permit(this.moving());
    if (verdict.run) {
      this.cancelFinish?.();
      this.cancelFinish = null;
    } else if (verdict.how === 'at_once') {
      if (this.runner.in_use) void this.giveBack(began_ms);
    } else this.finish();
  }

  /** What runs may finish, for a while. */
  private finish(): void {
    if (!this.runner.in_use || this.cancelFinish || this.stopping) return;
    const { code, sentence } = this.rules.standing;
    this.runner.finishAll({ code, sentence });
    void this.runner.quiet().then(() => (this.rules.standing.available ? undefined : this.runner.pool.close()));
    this.cancelFinish = this.ports.clock.after(this.guard.view.rules.finish_ms, () => {
      this.cancelFinish = null;
      void this.giveBack(this.ports.clock.now_ms());
    });
  }

  /** Until no process of a task is left: one that has been told to stop still holds the processor for a moment. */
  private giveBack(began_ms: number): Promise<number> {
    // One and the same, however many things asked for it meanwhile.
    this.giving ??= this.empty(began_ms).finally(() => {
      this.giving = null;
    });
    return this.giving;
  }

  private async empty(began_ms: number): Promise<number> {
    const { clock, log } = this.ports;
    const { code, sentence } = this.rules.standing;
    const worked = this.runner.in_use;
    const leases = this.runner.work().length;
    this.runner.yieldAll({ code, sentence });
    await this.runner.quiet();
    await this.runner.pool.close();
    const took_ms = clock.now_ms() - began_ms;
    this.give_back_ms = took_ms;
    if (worked) {
      this.give_backs.add(took_ms);
      this.untold = [...this.untold, { at_ms: clock.now_ms(), body: { reason: { code, sentence }, took_ms, leases } }].slice(-UNTOLD_MAX);
      this.sayGiven();
    }
    log.info({ give_back_ms: Number(took_ms.toFixed(1)), code }, 'The device is free of work.');
    return took_ms;
  }

  /** Ends a hold, wherever it was said; also what `clear` stopped. */
  release(): void {
    this.word.releaseHere();
    this.rules.release();
    this.sayWord();
  }

  /** Finishes or gives back, delivers, says goodbye: within `grace_ms`, half of it for tasks that run. */
  stop(grace_ms: number): Promise<void> {
    this.stopping ??= this.windDown(grace_ms);
    return this.stopping;
  }

  private async windDown(grace_ms: number): Promise<void> {
    const { clock } = this.ports;
    const end_ms = clock.now_ms() + grace_ms;
    this.guard.stop();
    this.cancelFinish?.();
    this.rules.stop();
    const { code, sentence } = this.rules.standing;
    this.runner.finishAll({ code, sentence });
    await within(clock, grace_ms / 2, this.runner.quiet());
    this.runner.yieldAll({ code, sentence });
    this.delivery.flush();
    const delivered = this.session.online ? this.delivery.delivered() : Promise.resolve();
    await within(clock, end_ms - clock.now_ms(), Promise.all([this.runner.quiet(), delivered]));
    this.cancelReconcile?.();
    this.session.stop(code);
    this.delivery.stop();
    await this.runner.pool.close();
    if (this.pieces) await within(clock, Math.max(0, end_ms - clock.now_ms()), this.pieces.stop());
  }

  private online(): void {
    this.waiting = [];
    const parts = stateMessages(this.runner, this.outbox);
    for (const part of parts) this.send('state', part);
    this.offer();
    this.sayWord();
    this.sayGiven();
    this.transfers.online();
    this.pieces?.online();
    if (!this.session.takes_commits) this.delivery.reveal();
    if (parts.every((part) => part.leases.length === 0)) return;
    this.cancelReconcile = this.ports.clock.after(this.bounds.reconcile_ms, () => {
      this.ports.log.warn({}, 'The heap did not say what to do with the work at hand; delivering what is finished.');
      this.outbox.openHeld();
      this.delivery.flush();
    });
  }

  /** What was finished meanwhile goes out; the market wants to know that the slots are there again. */
  private resumed(): void {
    this.offer();
    this.sayWord();
    this.sayGiven();
    this.transfers.online();
    this.pieces?.online();
    this.writable();
  }

  private offline(): void {
    this.cancelReconcile?.();
    this.waiting = [];
    this.outbox.sessionEnded();
  }

  private message(message: Message): void {
    if (message.t === 'results.ack') return this.delivery.confirm(message.b);
    if (message.t === 'wish') return this.wished(message.b);
    if (message.t === 'reconcile') this.cancelReconcile?.();
    this.pieces?.take(message);
    this.runner.take(message);
  }

  private writable(): void {
    while (this.waiting[0] && this.session.send(this.waiting[0].type, this.waiting[0].body as never)) this.waiting.shift();
    this.delivery.writable();
  }

  /** In order; what the window has no room for waits, up to a limit. */
  private send<T extends MessageType>(type: T, body: WireBody<T>): void {
    if (!this.session.open) return;
    if (this.waiting.length === 0 && this.session.send(type, body)) return;
    if (type === 'offer' || type === 'owner') this.waiting = this.waiting.filter((waiting) => waiting.type !== type);
    this.waiting.push({ type, body });
    if (this.waiting.length > this.bounds.control_waiting) this.session.restart('the heap does not read what this device sends');
  }

  private standing(standing: Standing): void {
    this.pieces?.permit(this.moving());
    // A sentence that counts seconds is for who looks; the heap hears when something has become another.
    if (standing.code !== this.offered_code) {
      this.ports.log.info({ code: standing.code }, standing.sentence);
      this.offer();
    }
    this.onStatus(this.status);
  }

  private heartbeat(): WireBody<'hb'> {
    const { battery, charging, temperature_c, metered, load } = this.guard.view.readings;
    return {
      running: this.runner.running,
      ...(battery !== null && { battery }),
      ...(charging !== null && { charging }),
      ...(temperature_c !== null && { temperature_c }),
      ...(metered !== null && { metered }),
      ...(load !== null && { load }),
    };
  }

  private offer(): void {
    const { available, code, sentence } = this.rules.standing;
    this.offered_code = code;
    const { capacity, kept, cores = null } = this.config;
    const { rules } = this.guard.view;
    this.offered_ms = this.ports.clock.now_ms();
    this.send('offer', {
      slots: capacity.map((part) => priced({ ...part, count: slotsAllowed(rules, part.count, cores) })),
      ...(kept && { standing: kept.standing.map(priced), storage: kept.storage.map(priced) }),
      speed_fuel_per_ms: this.speed_fuel_per_ms,
      available,
      reason: { code, sentence },
    });
  }

  private sessionStatus(status: SessionStatus): void {
    const { log } = this.ports;
    if (status.state !== 'online') this.pieces?.offline();
    const fields = { state: status.state, code: status.code };
    if (status.state === 'online' || status.state === 'connecting') log.info(fields, status.sentence);
    else if (status.code === 'revoked' || status.code === 'upgrade_needed') log.error(fields, status.sentence);
    else log.warn(fields, status.sentence);
    if (status.code === 'revoked') this.runner.yieldAll({ code: 'revoked', sentence: status.sentence });
    this.onStatus(this.status);
  }
}

/** Money on the wire is text. */
const priced = <T extends { reserve_price_micro: bigint | null }>(part: T) => ({
  ...part,
  reserve_price_micro: part.reserve_price_micro?.toString() ?? null,
});
