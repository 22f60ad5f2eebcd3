import { Injectable } from '@nestjs/common';
import type { BodyOf, ROUTES } from '#protocol';
import { EventBus } from '../platform/bus/event-bus.js';
import { ReservationsCommands } from '../reservations/reservations.commands.js';
import { LastingStore } from './lasting.store.js';
import { renewalUnclear, volumeEnded, volumeUnknown } from './volumes.errors.js';
import { VolumeChanged } from './volumes.events.js';
import { VolumesStore } from './volumes.store.js';

const GRACE = {
  code: 'not_renewed',
  sentence: 'Its paid time is over: it can be read and nothing is written, until its files are deleted. Renewing brings it back.',
};
const RENEWED = { code: 'renewed', sentence: 'It was renewed, and is looked at.' };

/** How long volumes last: their paid time, the grace after it, and renewals. */
@Injectable()
export class Lasting {
  constructor(
    private readonly store: LastingStore,
    private readonly volumes: VolumesStore,
    private readonly reservations: ReservationsCommands,
    private readonly bus: EventBus,
  ) {}

  /**
   * Lets a volume last until then, with its grace behind it, or with so much budget; also one that nobody renewed in time, while its files are there.
   * @throws HeapError `conflict` when it is over, `not_extensible.conflict`, `insufficient_funds`, `job_cap_exceeded`, `invalid_input`
   */
  async renew(person_id: string, id: string, { until, budget_micro }: BodyOf<typeof ROUTES.renewVolume>): Promise<void> {
    const row = await this.volumes.find(id, person_id);
    if (!row) throw volumeUnknown();
    if (row.state === 'ENDED' || row.reservation_id === null) throw volumeEnded();
    if (until === null && row.hours !== null) throw renewalUnclear('until');
    if (until !== null && row.hours === null) throw renewalUnclear('budget_micro');
    const over_at = until === null ? null : new Date(Date.parse(until) + row.grace_hours * 3_600_000);
    const changed = await this.reservations.extend(person_id, row.reservation_id, { until: over_at, budget_micro });
    if (!changed) return;
    await this.store.renewed(id, RENEWED);
    await this.store.predict(id);
    this.bus.publish(VolumeChanged, { volume_id: id, person_id });
  }

  /** A turn of the clock. */
  async look(): Promise<void> {
    await this.store.predict();
    for (const { id, person_id } of await this.store.beginGrace(GRACE)) this.bus.publish(VolumeChanged, { volume_id: id, person_id });
  }
}
