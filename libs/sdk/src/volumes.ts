import { HTTP_LIMITS, type RequestBody, type ResponseOf, ROUTES } from '#protocol';
import { HeapError, STANDARD_OWNERS, type VolumeClass, volumeMarket, volumeSpace } from '#units';
import { sleep } from './abort.js';
import { type Amount, type Money, microOf, withMoney } from './amount.js';
import type { HttpClient } from './http.js';
import { estimateReservation, type Page, type ReservationEstimate, reservedHours } from './reservations.js';

/** A volume with what it costs; `*_micro` members are bigints of micro-units. */
export type VolumeInfo = Money<ResponseOf<typeof ROUTES.createVolume>>;
/** The same with the health of its pieces and its durability in words. */
export type VolumeHealth = Money<ResponseOf<typeof ROUTES.getVolume>>;
/** A file as the heap knows it: an id, a state and a length; it knows neither name nor content. */
export type StoredFile = ResponseOf<typeof ROUTES.commitFile>;

export interface VolumeTerms {
  /** By which `put` and lists name it. Default: `default`. */
  name?: string;
  /** `standard` 10 of 40 pieces, `cold` 16 of 64, `small` 3 of 10 for heaps of few devices, which is not durable. Default `standard`. */
  class?: VolumeClass;
  /** Of your data, in GB of 10⁹ bytes; the market sells n / k times as much of devices' space, and a fifth more. Default 1. */
  gigabytes?: number;
  /** The most it pays for a GB-month of devices' space. Default: twice the present price. */
  maxPrice?: Amount;
  /** Held at once; it never costs more. Default: what its time costs at the maximum price. */
  budget?: Amount;
  /** How long it shall last. Default: as long as the budget does, and a month when there is none. */
  hours?: number;
  /** The same in months of 30 days. */
  months?: number;
}

const POLL_MS = 500;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A reservation's estimate for the space of a volume; it costs no more than the bytes that it may hold do, however many devices are reserved. */
export interface VolumeEstimate extends ReservationEstimate {
  devices: { needed: number; reserved: number };
}

/** Volumes: encrypted storage on many devices, bought at the storage market. */
export class Volumes {
  constructor(private readonly http: HttpClient) {}

  /**
   * Buys one; its budget is held at once. It is READY when the market has found enough devices, which `ready` waits for.
   * @throws HeapError `insufficient_funds`, `budget_too_small`, …
   */
  async create(terms: VolumeTerms = {}): Promise<VolumeInfo> {
    const max_price = terms.maxPrice === undefined ? (await this.estimate(terms)).max_price_micro : microOf(terms.maxPrice, 'maxPrice');
    const body: RequestBody<typeof ROUTES.createVolume> = {
      name: terms.name ?? 'default',
      class: terms.class ?? 'standard',
      gigabytes: terms.gigabytes ?? 1,
      max_price_micro: String(max_price),
      budget_micro: terms.budget === undefined ? null : String(microOf(terms.budget, 'budget')),
      hours: lastingHours(terms),
    };
    return withMoney(await this.http.call(ROUTES.createVolume, { body }));
  }

  /** What the space of such a volume may cost, and what would be held for it. Spends nothing. */
  async estimate(terms: VolumeTerms = {}): Promise<VolumeEstimate> {
    const hours = lastingHours(terms);
    const { class: volume_class = 'standard', gigabytes = 1 } = terms;
    const { needed, reserved, per_device, quantity } = volumeSpace(volume_class, gigabytes);
    const grace = hours === null ? 0 : (await this.http.call(ROUTES.heap)).volume_grace_hours;
    const whole = await estimateReservation(this.http, {
      ...{ market: volumeMarket(volume_class), quantity, maxPerNode: per_device, spread: 'owner' },
      ...(hours !== null && { hours: Math.min(HTTP_LIMITS.reserved_hours, hours + grace) }),
      ...(terms.maxPrice !== undefined && { maxPrice: terms.maxPrice }),
    });
    const filled = <T extends { low_micro: bigint; high_micro: bigint }>(cost: T): T => ({
      ...cost,
      low_micro: partOf(cost.low_micro, needed, reserved),
      high_micro: partOf(cost.high_micro, needed, reserved),
    });
    return {
      ...whole,
      cost_per_unit_time: filled(whole.cost_per_unit_time),
      cost_range: whole.cost_range && filled(whole.cost_range),
      devices: { needed, reserved },
    };
  }

  /** The class that this heap can keep now, and why: `standard`, or `small` where fewer independent owners sell space than it takes. Spends nothing. */
  async fitting(): Promise<{ class: 'standard' | 'small'; owners: number; reason: string }> {
    const { quantity_now: owners } = await estimateReservation(this.http, {
      ...{ market: volumeMarket('standard'), quantity: STANDARD_OWNERS, maxPerNode: 1, spread: 'owner' },
    });
    if (owners >= STANDARD_OWNERS)
      return { class: 'standard', owners, reason: `${owners} or more independent owners sell space: enough for class standard.` };
    const reason = `${owners} independent owners sell space now, and class standard takes ${STANDARD_OWNERS}. Class small takes a few; it is not durable, and the heap keeps a copy of the encrypted pieces itself.`;
    return { class: 'small', owners, reason };
  }

  /** Your volumes, newest first; `before` a volume's id gives the page behind it. */
  async list({ limit = 20, before }: Page = {}): Promise<VolumeInfo[]> {
    const query = { limit: Math.min(limit, HTTP_LIMITS.page_items), before };
    return withMoney((await this.http.call(ROUTES.listVolumes, { query })).volumes);
  }

  /** One by its id or its name, with the health of its pieces. @throws HeapError `not_found`, `no_such_volume` */
  async get(volume: string): Promise<VolumeHealth> {
    const volume_id = UUID.test(volume) ? volume : (await this.find(volume)).id;
    return withMoney(await this.http.call(ROUTES.getVolume, { params: { volume_id } }));
  }

  /** Waits until files can be put into it. @throws HeapError `volume_ended`, and the signal's reason */
  async ready(volume: string, { signal, onWait }: { signal?: AbortSignal; onWait?: (why: string) => void } = {}): Promise<VolumeHealth> {
    for (let said = ''; ; await sleep(POLL_MS, signal)) {
      const info = await this.get(volume);
      if (info.state === 'READY') return info;
      if (info.state === 'ENDED' || info.state === 'GRACE') throw ended(info);
      if (info.reason.sentence !== said) onWait?.(info.reason.sentence);
      said = info.reason.sentence;
    }
  }

  /**
   * Lets it last longer: so many hours or months from its end on, or from now when that is over; a volume that its budget bounds, with so much more of it.
   * @throws HeapError `bad_terms`, `insufficient_funds`, `conflict` when it is over
   */
  async renew(volume: string, terms: { hours?: number; months?: number; budget?: Amount }): Promise<VolumeInfo> {
    const { id, ends_at, budget_micro } = await this.get(volume);
    const hours = reservedHours(terms);
    if (hours === null && terms.budget === undefined)
      throw new HeapError('bad_terms', 'Say for how many hours or months more, or with how much more budget.', 'developer');
    const from_ms = Math.max(Date.now(), ends_at === null ? 0 : Date.parse(ends_at));
    const body: RequestBody<typeof ROUTES.renewVolume> = {
      until: hours === null ? null : new Date(from_ms + hours * 3_600_000).toISOString(),
      budget_micro: terms.budget === undefined ? null : String(budget_micro + microOf(terms.budget, 'budget')),
    };
    return withMoney(await this.http.call(ROUTES.renewVolume, { params: { volume_id: id }, body, repeatable: true }));
  }

  /** Gives it up now: its files are deleted, and the rest of its budget returns. */
  async end(volume: string): Promise<VolumeInfo> {
    const volume_id = UUID.test(volume) ? volume : (await this.find(volume)).id;
    return withMoney(await this.http.call(ROUTES.deleteVolume, { params: { volume_id } }));
  }

  /** Its files by their ids, newest first. */
  async files(volume: string, { limit = 20, before }: Page = {}): Promise<StoredFile[]> {
    const volume_id = UUID.test(volume) ? volume : (await this.find(volume)).id;
    const query = { limit: Math.min(limit, HTTP_LIMITS.page_items), before };
    return (await this.http.call(ROUTES.listFiles, { params: { volume_id }, query })).files;
  }

  /**
   * The volume that is meant by an id or a name; without one the volume named `default`, or the only one.
   * @throws HeapError `no_volume`, `no_such_volume`, `which_volume`, `volume_ended`
   */
  async find(volume?: string): Promise<VolumeInfo> {
    if (volume !== undefined && UUID.test(volume)) {
      const info = withMoney(await this.http.call(ROUTES.getVolume, { params: { volume_id: volume } }));
      if (info.state === 'ENDED') throw ended(info);
      return info;
    }
    const live = (await this.list({ limit: HTTP_LIMITS.page_items })).filter(({ state }) => state !== 'ENDED');
    const named =
      live.find(({ name }) => name === (volume ?? 'default')) ?? (volume === undefined && live.length === 1 ? live[0] : undefined);
    if (named) return named;
    if (volume !== undefined)
      throw new HeapError('no_such_volume', `You have no volume named ${JSON.stringify(volume)}: \`heap volume list\` shows them.`, 'user');
    if (live.length === 0)
      throw new HeapError(
        'no_volume',
        'You have no volume yet: `heap volume create` buys one, or heap.volumes.create() in a program.',
        'user',
      );
    throw new HeapError('which_volume', `You have ${live.length} volumes and none is named "default": say which one is meant.`, 'user', {
      volumes: live.map(({ id, name }) => ({ id, name })),
    });
  }
}

/** Rounded up. */
const partOf = (micro: bigint, part: number, whole: number): bigint => (micro * BigInt(part) + BigInt(whole) - 1n) / BigInt(whole);

const ended = ({ id, name, reason }: VolumeInfo | VolumeHealth) =>
  new HeapError('volume_ended', `The volume ${name || id} is over: ${reason.sentence}`, 'user', { volume_id: id });

function lastingHours(terms: VolumeTerms): number | null {
  const hours = reservedHours(terms);
  return hours === null && terms.budget === undefined ? 720 : hours;
}
