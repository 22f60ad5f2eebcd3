import { place, presenceRules, repairNeeded } from '#placement';
import { VOLUME_CODES, type VolumeClass } from '#units';
import { repairHours, SimDevice, taking, toNextEvent, type World, waiting } from './world.js';

const HOUR_MS = 3_600_000;
const NEVER = Number.POSITIVE_INFINITY;

const STOCK = 5_000;
/** Two weeks of a life of 60 days are spent as a stranger. */
const VETTED_SHARE = 0.8;

const EMPTY = 0;
const THERE = 1;
/** Its device is away and will be back; it is known as missing. */
const AWAY = 2;
/** Its device is gone for good; not yet known. */
const LOST = 3;

/** Devices of owners of their own that a segment may be placed on: so many that those of one placement are as good as new to the next. */
export class Stock {
  private readonly devices: readonly SimDevice[];

  constructor(
    private readonly world: World,
    private readonly random: () => number,
  ) {
    this.devices = Array.from({ length: STOCK }, (_, i) => {
      const device = new SimDevice(world, `owner ${i}`, random);
      device.vetted = random() < VETTED_SHARE;
      return device;
    });
  }

  some(): SimDevice[] {
    const some: SimDevice[] = [];
    while (some.length < this.world.candidates) some.push(this.devices[Math.floor(this.random() * STOCK)] as SimDevice);
    return some;
  }
}

/** One segment, from one thing that happens to it to the next. Devices die without memory, so a copy may live on with other random numbers. */
export class SegmentLife {
  /** Pieces whose device is not gone for good, known or not. */
  live = 0;
  now_h = 0;
  pieces_made = 0;
  pieces_read = 0;

  private readonly n: number;
  private readonly k: number;
  private readonly missing_h: { readonly always_on: number; readonly phone: number };
  /** Days that a phone must skip to count as missing, and how long after that it is there again if it skips no further one. */
  private readonly skips: number;
  private readonly back_h: number;
  private readonly repair_h: number;
  private state: Uint8Array;
  /** When a lost one becomes known as missing, or one that is away returns. */
  private until: Float64Array;
  private devices: (SimDevice | null)[];
  private coming: readonly { readonly piece: number; readonly device: SimDevice }[] = [];
  private decided_h = NEVER;
  private finished_h = NEVER;
  private event_h: number;

  constructor(
    readonly volume_class: VolumeClass,
    private world: World,
    private readonly random: () => number,
    private readonly stock: Stock,
  ) {
    const { k, n } = VOLUME_CODES[volume_class];
    this.k = k;
    const missingHours = (always_on: boolean) => presenceRules(volume_class, always_on).missing_after_ms / HOUR_MS;
    this.missing_h = { always_on: missingHours(true), phone: missingHours(false) };
    this.repair_h = repairHours(volume_class, world);
    const away_h = 24 * (1 - world.phone_online);
    this.skips = Math.max(0, Math.ceil((this.missing_h.phone - away_h) / 24));
    this.back_h = away_h + 24 * this.skips - this.missing_h.phone;
    this.n = n;
    this.state = new Uint8Array(n);
    this.until = new Float64Array(n).fill(NEVER);
    this.devices = new Array(n).fill(null);
    this.event_h = toNextEvent(world, random) * random();
    this.store(this.placed([], this.missing()));
  }

  copy(): SegmentLife {
    const copy = Object.create(SegmentLife.prototype) as SegmentLife;
    return Object.assign(copy, this, { state: this.state.slice(), until: this.until.slice(), devices: this.devices.slice() });
  }

  /** A copy of it in a world with events, at the moment of one. */
  struck(world: World): SegmentLife {
    const struck = this.copy();
    struck.world = world;
    struck.event();
    return struck;
  }

  /** Another segment in the place of one that was lost. */
  anew(): SegmentLife {
    const { now_h, event_h, pieces_made, pieces_read } = this;
    return Object.assign(new SegmentLife(this.volume_class, this.world, this.random, this.stock), {
      now_h,
      event_h,
      pieces_made,
      pieces_read,
    });
  }

  get lost(): boolean {
    return this.live < this.k;
  }

  /** Until the next thing happens. */
  step(): void {
    const { world, random } = this;
    const deaths = this.live / world.mean_life_h;
    const phones = this.phonesThere();
    // Out of sight for so long: so many days skipped one after another.
    const absences = (phones * world.skips_day ** this.skips * (1 - world.skips_day)) / 24;
    const rate = deaths + absences;
    const next_h = this.now_h + waiting(rate, random);
    const due_h = Math.min(this.nextUntil(), this.decided_h, this.finished_h, this.event_h);
    if (due_h <= next_h) {
      this.now_h = due_h;
      if (due_h === this.event_h) this.event();
      else if (due_h === this.finished_h) this.finish();
      else if (due_h === this.decided_h) this.decide();
      else this.becomesKnown(due_h);
    } else {
      this.now_h = next_h;
      if (random() * rate < deaths) this.die(this.pick((i) => this.isLive(i)));
      else this.goAway(this.pick((i) => this.state[i] === THERE && this.devices[i]?.always_on === false));
    }
    if (this.decided_h === NEVER && this.finished_h === NEVER && this.need().now) this.decided_h = this.now_h + random() * world.sweep_h;
  }

  private need() {
    return repairNeeded({ class: this.volume_class, there: this.known(), coming: this.coming.length });
  }

  private known(): number {
    let known = 0;
    for (const state of this.state) if (state === THERE || state === LOST) known++;
    return known;
  }

  private phonesThere(): number {
    let phones = 0;
    for (let i = 0; i < this.n; i++) if (this.state[i] === THERE && this.devices[i]?.always_on === false) phones++;
    return phones;
  }

  private isLive(i: number): boolean {
    return this.state[i] === THERE || this.state[i] === AWAY;
  }

  private nextUntil(): number {
    let next = NEVER;
    for (const until of this.until) if (until < next) next = until;
    return next;
  }

  private pick(which: (i: number) => boolean): number {
    let seen = 0;
    let picked = -1;
    for (let i = 0; i < this.n; i++) if (which(i) && this.random() * ++seen < 1) picked = i;
    return picked;
  }

  private die(i: number): void {
    this.live--;
    // One that was away is known as missing already.
    if (this.state[i] === AWAY) {
      this.clear(i);
      return;
    }
    const device = this.devices[i] as SimDevice;
    const unheard = device.always_on || this.random() < this.world.phone_online ? 0 : this.random() * 24 * (1 - this.world.phone_online);
    this.state[i] = LOST;
    this.until[i] = this.now_h + (device.always_on ? this.missing_h.always_on : this.missing_h.phone) - unheard;
  }

  private event(): void {
    this.event_h = this.now_h + toNextEvent(this.world, this.random);
    const taken = taking(this.world, this.random);
    for (let i = 0; i < this.n; i++) if (this.isLive(i) && taken(this.devices[i] as SimDevice)) this.die(i);
    this.coming = this.coming.filter(({ device }) => !taken(device));
  }

  private goAway(i: number): void {
    let back = this.back_h;
    while (this.random() < this.world.skips_day) back += 24;
    this.state[i] = AWAY;
    this.until[i] = this.now_h + back;
  }

  private becomesKnown(due_h: number): void {
    for (let i = 0; i < this.n; i++) {
      if (this.until[i] !== due_h) continue;
      this.until[i] = NEVER;
      if (this.state[i] === AWAY) this.state[i] = THERE;
      else this.clear(i);
    }
  }

  private clear(i: number): void {
    this.state[i] = EMPTY;
    this.until[i] = NEVER;
    this.devices[i] = null;
  }

  private missing(): number[] {
    const missing: number[] = [];
    for (let i = 0; i < this.n; i++) if (this.state[i] === EMPTY || this.state[i] === AWAY) missing.push(i);
    return missing;
  }

  private placed(already: SimDevice[], pieces: readonly number[]) {
    return place({ class: this.volume_class, pieces, random: this.random }, this.stock.some(), already).assignments;
  }

  private decide(): void {
    this.decided_h = NEVER;
    if (!this.need().now) return;
    const already: SimDevice[] = [];
    for (let i = 0; i < this.n; i++) if (this.state[i] === THERE || this.state[i] === LOST) already.push(this.devices[i] as SimDevice);
    this.coming = this.placed(already, this.missing());
    this.finished_h = this.now_h + this.repair_h;
  }

  private finish(): void {
    this.finished_h = NEVER;
    // Who took a piece may be gone before the repair is done.
    const gone = 1 - Math.exp(-this.repair_h / this.world.mean_life_h);
    this.pieces_read += this.k;
    this.pieces_made += this.coming.length;
    this.store(this.coming.filter(() => this.random() >= gone));
    this.coming = [];
  }

  private store(pieces: readonly { readonly piece: number; readonly device: SimDevice }[]): void {
    for (const { piece, device } of pieces) {
      if (!this.isLive(piece)) this.live++;
      this.state[piece] = THERE;
      this.until[piece] = NEVER;
      this.devices[piece] = device;
    }
  }
}
