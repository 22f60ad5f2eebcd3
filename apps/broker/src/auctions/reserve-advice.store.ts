import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { DeviceRules } from '#protocol';
import type { Micro, SlotClass } from '#units';

export interface AdvisedOffer {
  slot_class: SlotClass;
  slots: number;
  reserve_price_micro: Micro;
  electricity_micro: Micro;
  speed_fuel_per_ms: number;
  /** Of the time since it enrolled (a week of it at most), how much it was connected: 0 to 1. */
  present_share: number;
  /** Those in force on it, as far as it has said. */
  rules: DeviceRules | null;
}

export interface HourRow {
  from_at: Date;
  price_micro: Micro;
  sold: number;
}

@Injectable()
export class ReserveAdviceStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns undefined where there is no such node of this owner. */
  async offers(owner_id: string, node_id: string): Promise<AdvisedOffer[] | undefined> {
    const { rows } = await this.database.query<AdvisedOffer & { slot_class: SlotClass | null }>(
      `SELECT o.slot_class, o.slots, o.reserve_price_micro, o.electricity_micro, n.speed_fuel_per_ms, w.heard_rules AS rules,
         LEAST(1, n.present_us / 1000000.0 / GREATEST(1, extract(epoch FROM now() - n.enrolled_at)))::float8 AS present_share
       FROM node n LEFT JOIN offer o ON o.node_id = n.id AND o.slots > 0 LEFT JOIN device_word w ON w.node_id = n.id
       WHERE n.id = $1 AND n.owner_id = $2 AND n.state <> 'REVOKED' ORDER BY o.slot_class`,
      [node_id, owner_id],
    );
    if (rows.length === 0) return undefined;
    return rows.filter((row) => row.slot_class !== null);
  }

  /** Hours of the last week in which a market sold something. */
  async hours(market: string): Promise<HourRow[]> {
    const { rows } = await this.database.query<HourRow>(
      `SELECT from_at, close_micro AS price_micro, volume::float8 AS sold FROM candle
       WHERE market = $1 AND term_ms = 3600000 AND from_at > now() - interval '7 days' ORDER BY from_at`,
      [market],
    );
    return rows;
  }
}
