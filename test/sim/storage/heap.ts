import { isVetted, pieceAfter, place, presenceRules, repairNeeded, withinBudget } from '#placement';
import { VOLUME_CODES, type VolumeClass } from '#units';
import { seeded } from '../verification/random.js';
import { MONTH_H, repairHours, SimDevice, taking, toNextEvent, type World, YEAR_H } from './world.js';

export interface HeapSize {
  readonly class: VolumeClass;
  readonly segments: number;
  readonly nodes: number;
  readonly seed: number;
  readonly years: number;
  /** What repair may move in a day, as a multiple of the bytes that people store. */
  readonly budget_a_day: number;
}

export interface HeapYear {
  readonly lost: number;
  /** How many segments had so few live pieces at their worst, from 0 to n. */
  readonly least_live: readonly number[];
  readonly repairs: number;
  readonly repair_a_month: number;
  /** Sweeps that postponed repairs for the budget, and repairs that went beyond it. */
  readonly sweeps_over_budget: number;
  readonly beyond_budget: number;
  readonly events: number;
  /** Devices that were given up and came back in time. */
  readonly returned: number;
  /** Chance that a segment can be read at once: newly placed, and over the year. */
  readonly readable_new: number;
  readonly readable: number;
  readonly placements_short: number;
  readonly strained: number;
}

const HOUR_MS = 3_600_000;
const AUDITS_A_DAY = 2;
const SAME_OWNER = 0.2;
/** Devices that are lost beyond the usual are replaced by new ones in about so long. */
const REGROWTH_H = 10 * 24;
const NOBODY = -1;
const MANY = 100_000;

class HeapDevice extends SimDevice {
  alive = true;
  /** Not missing, as far as the broker knows. */
  known = true;
  heard_h = 0;
  at = 0;
  pieces = new Int32Array(64);
  count = 0;

  constructor(
    readonly id: number,
    readonly born_h: number,
    /** The hour of the day at which a phone comes by. */
    readonly hour: number,
    world: World,
    owner: string,
    random: () => number,
  ) {
    super(world, owner, random);
  }

  add(slot: number): void {
    if (this.count === this.pieces.length) {
      const larger = new Int32Array(this.count * 2);
      larger.set(this.pieces);
      this.pieces = larger;
    }
    this.pieces[this.count++] = slot;
  }
}

/** A heap of devices with all segments on them, swept as a broker sweeps it: what is missing, what is repaired, who takes it is decided by the policy. */
export class StorageHeap {
  private readonly random: () => number;
  private readonly k: number;
  private readonly n: number;
  private readonly repair_at: number;
  private readonly devices: (HeapDevice | null)[] = [];
  private readonly pool: HeapDevice[] = [];
  private watched: HeapDevice[] = [];
  /** Of each piece, who has it. */
  private readonly holder: Int32Array;
  /** Of each segment: pieces on devices that live, pieces on devices that are not missing, pieces that are coming, the fewest that lived. */
  private readonly live: Uint8Array;
  private readonly there: Uint8Array;
  private readonly coming: Uint8Array;
  private readonly least: Uint8Array;
  private readonly waits: Uint8Array;
  private waiting: number[] = [];
  private readonly under_way: { readonly at_h: number; readonly segment: number; readonly pieces: readonly Coming[] }[] = [];
  private finished = 0;
  private now_h = 0;
  private event_h = 0;
  private readonly figures = { lost: 0, repairs: 0, pieces: 0, sweeps_over_budget: 0, beyond_budget: 0, events: 0, returned: 0 };
  private readonly trouble = { placements_short: 0, strained: 0 };

  constructor(
    private readonly size: HeapSize,
    private readonly world: World,
  ) {
    const { k, n, repair_at } = VOLUME_CODES[size.class];
    this.k = k;
    this.n = n;
    this.repair_at = repair_at;
    this.random = seeded(size.seed);
    this.holder = new Int32Array(size.segments * n).fill(NOBODY);
    this.live = new Uint8Array(size.segments);
    this.there = new Uint8Array(size.segments);
    this.coming = new Uint8Array(size.segments);
    this.waits = new Uint8Array(size.segments);
    this.least = new Uint8Array(size.segments).fill(n);
    for (let i = 0; i < size.nodes; i++) this.join(-Math.log(1 - this.random()) * world.mean_life_h);
    const all = Array.from({ length: n }, (_, i) => i);
    for (let segment = 0; segment < size.segments; segment++) for (const coming of this.placed(segment, all, [])) this.store(coming);
    this.event_h = toNextEvent(world, this.random) * this.random();
  }

  run(): HeapYear {
    const { years, segments } = this.size;
    const readable_new = this.readability();
    let readable = 0;
    let looks = 0;
    const sweeps = Math.round((years * YEAR_H) / this.world.sweep_h);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      this.sweep();
      if (sweep % Math.max(1, Math.floor(sweeps / 12)) !== 0) continue;
      readable += this.readability();
      looks++;
    }
    const least_live = new Array<number>(this.n + 1).fill(0);
    for (const least of this.least) least_live[least] = (least_live[least] as number) + 1;
    const { pieces, ...figures } = this.figures;
    return {
      ...figures,
      ...this.trouble,
      least_live,
      repair_a_month: (pieces / this.k / segments / this.now_h) * MONTH_H,
      readable_new,
      readable: readable / looks,
    };
  }

  private sweep(): void {
    const { world, random } = this;
    this.now_h += world.sweep_h;
    const dies = 1 - Math.exp(-world.sweep_h / world.mean_life_h);
    for (let i = this.pool.length - 1; i >= 0; i--) if (random() < dies) this.die(this.pool[i] as HeapDevice);
    if (this.now_h >= this.event_h) {
      this.event_h += toNextEvent(world, random);
      this.figures.events++;
      const taken = taking(world, random);
      for (const device of this.watched) if (device.alive && taken(device)) this.die(device);
    }
    this.grow();
    this.watched = this.watched.filter((device) => this.watch(device));
    this.finish();
    this.repair();
  }

  private grow(): void {
    const { nodes } = this.size;
    const { sweep_h, mean_life_h } = this.world;
    const wanted = (nodes / mean_life_h + Math.max(0, nodes - this.pool.length) / REGROWTH_H) * sweep_h;
    for (let i = Math.floor(wanted + this.random()); i > 0; i--) this.join(0);
  }

  private join(age_h: number): void {
    const { random, world, size } = this;
    const related = random() < SAME_OWNER ? this.pool[Math.floor(random() * this.pool.length)] : undefined;
    const id = this.devices.length;
    const device = new HeapDevice(id, this.now_h - age_h, random() * 24, world, related?.cluster ?? `owner ${id}`, random);
    // Quotas differ by four; together they hold twice what is stored.
    device.room = Math.ceil(((size.segments * this.n) / size.nodes) * (0.8 + 2.4 * random()));
    device.heard_h = this.now_h;
    device.vetted = this.isKnown(device);
    device.at = this.pool.length;
    this.devices.push(device);
    this.pool.push(device);
    this.watched.push(device);
  }

  private isKnown({ born_h }: HeapDevice): boolean {
    return isVetted({ passed: Math.floor(((this.now_h - born_h) / 24) * AUDITS_A_DAY) });
  }

  private leavePool(device: HeapDevice): void {
    const last = this.pool.pop() as HeapDevice;
    if (last === device) return;
    this.pool[device.at] = last;
    last.at = device.at;
  }

  private die(device: HeapDevice): void {
    device.alive = false;
    device.heard_h = Math.min(device.heard_h, this.now_h);
    if (device.known) this.leavePool(device);
    this.ofDevice(device, (segment) => {
      const live = add(this.live, segment, -1);
      if (live < (this.least[segment] as number)) this.least[segment] = live;
      if (live === this.k - 1) this.figures.lost++;
    });
  }

  private ofDevice({ id, pieces, count }: HeapDevice, each: (segment: number, slot: number) => void): void {
    for (let i = 0; i < count; i++) {
      const slot = pieces[i] as number;
      if (this.holder[slot] === id) each(Math.floor(slot / this.n), slot);
    }
  }

  /** What the broker sees of a device; false when it need not be watched any more. */
  private watch(device: HeapDevice): boolean {
    const { world, now_h } = this;
    if (device.alive) {
      if (!device.vetted) device.vetted = this.isKnown(device);
      if (device.always_on) {
        device.heard_h = now_h;
        return true;
      }
      const day = Math.floor((now_h - device.hour) / 24);
      if (day !== Math.floor((now_h - world.sweep_h - device.hour) / 24) && this.random() >= world.skips_day)
        device.heard_h = day * 24 + device.hour + 24 * world.phone_online;
    }
    const state = pieceAfter(device.heard_h * HOUR_MS, now_h * HOUR_MS, presenceRules(this.size.class, device.always_on));
    if (state === 'there' && !device.known) {
      device.known = true;
      device.at = this.pool.length;
      this.pool.push(device);
      this.figures.returned++;
      this.ofDevice(device, (segment) => {
        add(this.there, segment, 1);
      });
    } else if (state !== 'there' && device.known) {
      device.known = false;
      if (device.alive) this.leavePool(device);
      this.ofDevice(device, (segment) => {
        add(this.there, segment, -1);
        this.mayBeDue(segment);
      });
    } else if (state === 'gone' && !device.alive) {
      this.ofDevice(device, (_, slot) => {
        this.holder[slot] = NOBODY;
      });
      this.devices[device.id] = null;
      return false;
    }
    return true;
  }

  private repair(): void {
    const { size, k, n } = this;
    const due: { class: VolumeClass; urgency: number; bytes: number; segment: number }[] = [];
    for (const segment of this.waiting) {
      const { now, urgency, make } = repairNeeded({
        class: size.class,
        there: this.there[segment] as number,
        coming: this.coming[segment] as number,
      });
      if (now && (this.live[segment] as number) >= k) due.push({ class: size.class, urgency, bytes: k + make, segment });
      else this.waits[segment] = 0;
    }
    const { take, postponed, beyond_budget } = withinBudget(due, size.budget_a_day * size.segments * k * (this.world.sweep_h / 24));
    this.waiting = postponed.map(({ segment }) => segment);
    if (postponed.length > 0) this.figures.sweeps_over_budget++;
    this.figures.beyond_budget += beyond_budget;
    for (const { segment } of take) {
      this.waits[segment] = 0;
      const missing: number[] = [];
      const already: HeapDevice[] = [];
      for (let piece = 0; piece < n; piece++) {
        const id = this.holder[segment * n + piece] as number;
        const device = id === NOBODY ? null : (this.devices[id] as HeapDevice);
        if (device?.known) already.push(device);
        else missing.push(piece);
      }
      const pieces = this.placed(segment, missing, already);
      this.coming[segment] = pieces.length;
      this.under_way.push({ at_h: this.now_h + repairHours(size.class, this.world), segment, pieces });
    }
  }

  private placed(segment: number, pieces: readonly number[], already: readonly HeapDevice[]): Coming[] {
    const candidates: HeapDevice[] = [];
    const { pool, random } = this;
    for (let i = Math.min(this.world.candidates, pool.length); i > 0; i--)
      candidates.push(pool[Math.floor(random() * pool.length)] as HeapDevice);
    const { assignments, missing, strains } = place({ class: this.size.class, pieces, random }, candidates, already);
    if (missing > 0) this.trouble.placements_short++;
    if (strains.length > 0) this.trouble.strained++;
    return assignments.map(({ piece, device }) => {
      device.room--;
      return { slot: segment * this.n + piece, device };
    });
  }

  private finish(): void {
    for (; this.finished < this.under_way.length; this.finished++) {
      const { at_h, segment, pieces } = this.under_way[this.finished] as (typeof this.under_way)[number];
      if (at_h > this.now_h) break;
      this.coming[segment] = 0;
      if ((this.live[segment] as number) < this.k) continue;
      this.figures.repairs++;
      this.figures.pieces += this.k + pieces.length;
      for (const coming of pieces) this.store(coming);
      // A device may have been lost on the way.
      this.mayBeDue(segment);
    }
    if (this.finished <= MANY) return;
    this.under_way.splice(0, this.finished);
    this.finished = 0;
  }

  private mayBeDue(segment: number): void {
    if ((this.there[segment] as number) > this.repair_at || this.waits[segment] === 1) return;
    this.waits[segment] = 1;
    this.waiting.push(segment);
  }

  private store({ slot, device }: Coming): void {
    if (!device.alive) return;
    const segment = Math.floor(slot / this.n);
    const before = this.holder[slot] === NOBODY ? null : this.devices[this.holder[slot] as number];
    // Its old device is back: there is no need of a second one.
    if (before?.known) {
      device.room++;
      return;
    }
    if (!before?.alive) add(this.live, segment, 1);
    if (device.known) add(this.there, segment, 1);
    this.holder[slot] = device.id;
    device.add(slot);
  }

  /** The chance that k pieces of a segment are connected at a time, the mean over some segments: each device by itself, as often as it is there. */
  private readability(): number {
    const { segments } = this.size;
    const step = Math.max(1, Math.floor(segments / 1_000));
    let sum = 0;
    let looked = 0;
    for (let segment = 0; segment < segments; segment += step, looked++) {
      let chances = [1];
      for (let piece = 0; piece < this.n; piece++) {
        const device = this.devices[this.holder[segment * this.n + piece] as number];
        if (!device?.alive) continue;
        chances = oneMore(chances, device.online_share);
      }
      sum += 1 - chances.slice(0, this.k).reduce((all, chance) => all + chance, 0);
    }
    return sum / looked;
  }
}

function add(to: Uint8Array, i: number, by: number): number {
  const sum = (to[i] as number) + by;
  to[i] = sum;
  return sum;
}

interface Coming {
  readonly slot: number;
  readonly device: HeapDevice;
}

/** The chances of 0, 1, … of independent things, with one more. */
function oneMore(chances: readonly number[], chance: number): number[] {
  const more = new Array<number>(chances.length + 1).fill(0);
  chances.forEach((of, i) => {
    more[i] = (more[i] as number) + of * (1 - chance);
    more[i + 1] = of * chance;
  });
  return more;
}
