import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LIMITS } from '#placement';
import { type BodyOf, canonicalJson, type ResponseOf, type ROUTES } from '#protocol';
import { VOLUME_CODES, type VolumeClass, volumeMarket, volumeSpace } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { ReservationsCommands } from '../reservations/reservations.commands.js';
import { DirectoriesStore } from './directories.store.js';
import { FilesService } from './files.service.js';
import { Lasting } from './lasting.service.js';
import { missingSeconds } from './losses.service.js';
import { volumeKeyUsed, volumeUnknown } from './volumes.errors.js';
import { VolumeChanged } from './volumes.events.js';
import { type VolumeRow, VolumesStore } from './volumes.store.js';

type Terms = BodyOf<typeof ROUTES.createVolume>;
export type VolumeView = ResponseOf<typeof ROUTES.deleteVolume>;

const WAITS = { code: 'finding_devices', sentence: 'The market looks for devices of different owners with room for it.' };
const READY = (independent: number) => ({ code: 'ready', sentence: `${independent} independent devices keep it.` });
const NOT_RENEWED = { code: 'not_renewed', sentence: 'Nobody renewed it in time; its files are deleted.' };
const fewDevices = (independent: number, wanted: number, why: string) => ({
  code: 'too_few_independent_devices',
  sentence: `${independent} of ${wanted} independent devices are found. ${why}`.trim(),
});

const hashOf = (terms: Terms): string =>
  createHash('sha256')
    .update(canonicalJson(JSON.parse(JSON.stringify(terms, (_, value) => (typeof value === 'bigint' ? String(value) : value)))))
    .digest('hex');

/** How many independent devices a volume needs before a write to it can be acknowledged. */
export const devicesWanted = (volume_class: VolumeClass, reach: number): number =>
  volume_class === 'small' ? Math.max(VOLUME_CODES.small.k, Math.min(LIMITS.small.acknowledge, reach)) : LIMITS[volume_class].acknowledge;

/** Volumes: bought as a reservation of many owners' space, ready when it has enough independent devices, over when the reservation is. */
@Injectable()
export class VolumesService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: VolumesStore,
    private readonly files: FilesService,
    private readonly directories: DirectoriesStore,
    private readonly reservations: ReservationsCommands,
    private readonly lasting: Lasting,
    private readonly bus: EventBus,
  ) {}

  /**
   * Buys a volume: reserves ceil(GB / k) GB of each of n devices and a fifth more. The same key with the same terms returns the same one.
   * @throws HeapError `insufficient_funds`, `budget_too_small`, `job_cap_exceeded`, `idempotency_mismatch`, `invalid_input` without hours and budget.
   */
  async create(person_id: string, idempotency_key: string, terms: Terms): Promise<VolumeView> {
    const request_hash = hashOf(terms);
    const { name, class: volume_class, gigabytes } = terms;
    const id = newId();
    await this.store.insert({
      ...{ id, person_id, name, class: volume_class, gigabytes, request_hash, idempotency_key },
      ...{ reason_code: WAITS.code, reason_sentence: WAITS.sentence, grace_hours: this.config.volume_grace_hours },
    });
    const row = await this.store.findByKey(person_id, idempotency_key);
    if (!row) throw volumeUnknown();
    if (row.request_hash !== request_hash) throw volumeKeyUsed();
    if (row.reservation_id === null) await this.reserve(row, terms);
    return this.get(person_id, row.id);
  }

  /** A volume that no reservation could be made for is forgotten, so that the same key may be tried again. */
  private async reserve(row: VolumeRow, { max_price_micro, budget_micro, hours }: Terms): Promise<void> {
    const { quantity, per_device } = volumeSpace(row.class, row.gigabytes);
    try {
      const reservation_id = await this.reservations.reserve(row.person_id, `volume ${row.id}`, {
        name: row.name,
        market: volumeMarket(row.class),
        quantity,
        max_per_node: per_device,
        ...{ max_price_micro, budget_micro, hours, further_hours: this.config.volume_grace_hours },
        // A device that is away keeps its pieces until they count as missing.
        disconnect_wait_ms: Math.ceil(missingSeconds(row.class, false, this.config.piece_missing_seconds) * 1_000),
      });
      await this.store.setReservation(row.id, reservation_id);
    } catch (error) {
      await this.store.forget(row.id);
      throw error;
    }
  }

  async get(person_id: string, id: string): Promise<VolumeView> {
    return this.view(await this.row(person_id, id));
  }

  async list(person_id: string, before: string | undefined, limit: number): Promise<VolumeView[]> {
    return Promise.all((await this.store.list(person_id, before, limit)).map((row) => this.view(row)));
  }

  async row(person_id: string, id: string): Promise<VolumeRow> {
    const row = await this.store.find(id, person_id);
    if (!row) throw volumeUnknown();
    return row;
  }

  async renew(person_id: string, id: string, terms: BodyOf<typeof ROUTES.renewVolume>): Promise<VolumeView> {
    await this.lasting.renew(person_id, id, terms);
    return this.get(person_id, id);
  }

  /** Gives it up: its files are deleted, what is left of its budget returns. One that is over stays as it is. */
  async delete(person_id: string, id: string): Promise<VolumeView> {
    const row = await this.row(person_id, id);
    if (row.reservation_id !== null) await this.reservations.cancel(person_id, row.reservation_id);
    await this.end(id, person_id, { code: 'deleted_by_developer', sentence: 'Given up by its developer; its files are deleted.' });
    return this.get(person_id, id);
  }

  private async end(id: string, person_id: string, reason: { code: string; sentence: string }): Promise<void> {
    await this.transactions.run((tx) => this.store.end(tx, id, reason));
    await this.directories.deleteOf(id);
    await this.files.deleteAllOf(id);
    this.bus.publish(VolumeChanged, { volume_id: id, person_id });
  }

  /** A turn of the clock: volumes whose reservation is over end with it; those that wait for devices, or all, say whether they have enough. */
  async look(all: boolean): Promise<void> {
    for (const { id, person_id, in_grace, code, sentence } of await this.store.over())
      await this.end(id, person_id, in_grace ? NOT_RENEWED : { code, sentence });
    if (all) await this.lasting.look();
    for (const volume of await this.store.open(all)) {
      const { independent } = await this.files.reach(volume.id);
      const wanted = devicesWanted(volume.class, independent);
      const ready = independent >= wanted;
      const reason = ready ? READY(independent) : fewDevices(independent, wanted, '');
      if (await this.store.say(volume.id, ready ? 'READY' : 'WAITING', reason))
        this.bus.publish(VolumeChanged, { volume_id: volume.id, person_id: volume.person_id });
    }
  }

  async view(row: VolumeRow): Promise<VolumeView> {
    const { k, n, repair_at } = VOLUME_CODES[row.class];
    const devices = await this.files.devicesOf(row.id);
    const ended = row.state === 'ENDED';
    const wanted = devicesWanted(row.class, devices.independent);
    return {
      id: row.id,
      name: row.name,
      class: row.class,
      ...{ k, n, repair_at, acknowledge_at: LIMITS[row.class].acknowledge, durable: row.class !== 'small' },
      state: row.state,
      reason:
        row.state === 'WAITING' && row.leased === 0
          ? { code: row.reserving_code, sentence: row.reserving_sentence || WAITS.sentence }
          : { code: row.reason_code, sentence: row.reason_sentence },
      gigabytes: row.gigabytes,
      reserved: { wanted: row.wanted, leased: ended ? 0 : row.leased },
      reservation_id: row.reservation_id,
      devices: { ...devices, wanted, needed: n, reserved: row.wanted / volumeSpace(row.class, row.gigabytes).per_device },
      files: row.files,
      bytes: Number(row.bytes),
      max_price_micro: String(row.max_price_micro),
      budget_micro: String(row.budget_micro),
      charged_micro: String(row.charged_micro),
      ends_at: row.ends_at?.toISOString() ?? null,
      deletes_at: row.deletes_at?.toISOString() ?? null,
      created_at: row.created_at.toISOString(),
      ended_at: row.ended_at?.toISOString() ?? null,
    };
  }
}
