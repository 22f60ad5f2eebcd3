import { HTTP_LIMITS, type RequestBody, type ResponseOf, ROUTES } from '#protocol';
import { HeapError, VOLUME_CODES, type VolumeClass, volumeMarket } from '#units';
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
  /** Of your data, in GB of 10⁹ bytes; the market sells n / k times as much of devices' space. Default 1. */
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

/** Devices' space that a volume buys: of each of n devices as many whole GB as a k-th of it needs. */
function spaceOf({ class: volume_class = 'standard', gigabytes = 1 }: VolumeTerms): { quantity: number; maxPerNode: number } {
  const { k, n } = VOLUME_CODES[volume_class];
  const maxPerNode = Math.ceil(gigabytes / k);
  return { quantity: n * maxPerNode, maxPerNode };
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
  estimate(terms: VolumeTerms = {}): Promise<ReservationEstimate> {
    const hours = lastingHours(terms);
    return estimateReservation(this.http, {
      market: volumeMarket(terms.class ?? 'standard'),
      ...spaceOf(terms),
      ...(hours !== null && { hours }),
      ...(terms.maxPrice !== undefined && { maxPrice: terms.maxPrice }),
    });
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
      if (info.state === 'ENDED') throw ended(info);
      if (info.reason.sentence !== said) onWait?.(info.reason.sentence);
      said = info.reason.sentence;
    }
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

const ended = ({ id, name, reason }: VolumeInfo | VolumeHealth) =>
  new HeapError('volume_ended', `The volume ${name || id} is over: ${reason.sentence}`, 'user', { volume_id: id });

function lastingHours(terms: VolumeTerms): number | null {
  const hours = reservedHours(terms);
  return hours === null && terms.budget === undefined ? 720 : hours;
}
