import { Inject, Injectable } from '@nestjs/common';
import { earnedAt, ladder, type SoldHour } from '#auction';
import { type DeviceRules, isWithin, localTime, type ResponseOf, type ROUTES } from '#protocol';
import { HeapError, workMarket } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type AdvisedOffer, type HourRow, ReserveAdviceStore } from './reserve-advice.store.js';

type Advice = ResponseOf<typeof ROUTES.getReserveAdvice>;
type MarketAdvice = Advice['markets'][number];

const HOUR_MS = 3_600_000;
const QUARTERS = [0, 1, 2, 3] as const;

/** The share of an hour in which rules let a device work, by its quarters. */
function openIn(from_ms: number, rules: DeviceRules | null): number {
  if (!rules?.hours) return 1;
  const { hours, time_zone } = rules;
  const open = QUARTERS.filter((quarter) => {
    const local = localTime(from_ms + (quarter * HOUR_MS) / 4, time_zone);
    return hours.some((window) => isWithin(local, window));
  });
  return open.length / QUARTERS.length;
}

/** What reserve price to ask for, from what the rounds of the last week cleared at. */
@Injectable()
export class ReserveAdviceService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: ReserveAdviceStore,
  ) {}

  /** @throws HeapError `not_found`, also for another owner's node. */
  async of(owner_id: string, node_id: string): Promise<Advice> {
    const offers = await this.store.offers(owner_id, node_id);
    if (!offers) throw new HeapError('not_found', 'There is no such node among yours.', 'user');
    const { currency, simulated_payments: simulated } = this.config;
    const markets = offers.map(async (offer) => this.advise(offer, await this.store.hours(workMarket(offer.slot_class))));
    return { currency, simulated, markets: await Promise.all(markets) };
  }

  private advise(offer: AdvisedOffer, rows: readonly HourRow[]): MarketAdvice {
    const { slot_class, slots, speed_fuel_per_ms, electricity_micro, reserve_price_micro, present_share, rules } = offer;
    const term_hours = this.config.lease_term_ms / HOUR_MS;
    const hours: SoldHour[] = rows.map(({ from_at, price_micro, sold }) => ({
      price_micro,
      slot_hours: sold * term_hours,
      open: openIn(from_at.getTime(), rules) * present_share,
    }));
    const device = {
      slots,
      speed_fuel_per_ms,
      electricity_per_slot_hour_micro: (Number(electricity_micro) * speed_fuel_per_ms * HOUR_MS) / 1e12,
      fee_basis_points: this.config.fee_basis_points,
    };
    const points = ladder(electricity_micro, hours, [reserve_price_micro, electricity_micro]).map((price) =>
      earnedAt(price, hours, device),
    );
    const suggested = points.find((point) => point.price_micro === electricity_micro);
    return {
      slot_class,
      slots,
      reserve_price_micro: String(reserve_price_micro),
      electricity_micro: String(electricity_micro),
      suggestion: { price_micro: String(electricity_micro), sentence: suggestion(rows.length, suggested?.slot_hours ?? 0) },
      points: points.map((point) => ({
        price_micro: String(point.price_micro),
        earned_micro: String(point.earned_micro),
        electricity_micro: String(point.electricity_micro),
        slot_hours: point.slot_hours,
      })),
      assumes: [
        `It had ${slots === 1 ? 'its slot' : `its ${slots} slots`} for sale in ${Math.round(present_share * 100)} % of the time, as much as it has been connected since it joined${rules?.hours ? ', in the hours of its rules' : ''}.`,
        'It sold in each of those hours, but never more than the whole market did, at the price of that hour’s last round.',
        `It was busy for the whole of each lease (${Math.round(term_hours * 60)} minutes), at the speed it was measured with.`,
      ],
    };
  }
}

function suggestion(hours: number, slot_hours: number): string {
  const why =
    'Whoever sells gets the price of the round, so a higher reserve only sells less, and a lower one sells below what electricity costs you.';
  if (hours === 0)
    return `Your electricity and your margin. Nothing was sold in this market last week, so there is nothing to compare. ${why}`;
  if (slot_hours === 0)
    return `Your electricity and your margin. Last week the market paid less than that: at this price nothing would have been sold. ${why}`;
  return `Your electricity and your margin. ${why}`;
}
