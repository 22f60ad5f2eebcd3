import { Injectable } from '@nestjs/common';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { EventBus } from '../platform/bus/event-bus.js';
import { LimitsStore } from './limits.store.js';
import { LimitsChanged } from './orders.events.js';

type LimitsView = ResponseOf<typeof ROUTES.getLimits>;

/** Caps and block lists that hold for every job of a developer. */
@Injectable()
export class LimitsService {
  constructor(
    private readonly store: LimitsStore,
    private readonly bus: EventBus,
  ) {}

  async get(person_id: string): Promise<LimitsView> {
    const [{ job_cap_micro, day_cap_micro, not_owners, not_nodes }, today] = await Promise.all([
      this.store.of(person_id),
      this.store.today(person_id),
    ]);
    return {
      job_cap_micro: job_cap_micro === null ? null : String(job_cap_micro),
      day_cap_micro: day_cap_micro === null ? null : String(day_cap_micro),
      not_owners,
      not_nodes,
      spent_today_micro: String(today.spent_micro),
      day_ends_at: today.ends_at.toISOString(),
    };
  }

  async replace(person_id: string, limits: BodyOf<typeof ROUTES.putLimits>): Promise<LimitsView> {
    await this.store.replace(person_id, limits);
    this.bus.publish(LimitsChanged, { developer_id: person_id, slot_classes: await this.store.classesOf(person_id) });
    return this.get(person_id);
  }
}
