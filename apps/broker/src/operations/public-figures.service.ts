import { Inject, Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES } from '#protocol';
import { MARKETS } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Remembered } from '../platform/remembered.js';
import { FiguresStore } from './figures.store.js';
import { PublicFiguresStore } from './public-figures.store.js';

type PublicFigures = ResponseOf<typeof ROUTES.heapFigures>;

/** A crowd that looks costs one reading in so long. */
const REMEMBERED_MS = 5_000;
const PAID_DAYS = 30;

@Injectable()
export class PublicFiguresService {
  private readonly remembered = new Remembered(REMEMBERED_MS, () => this.read());

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: PublicFiguresStore,
    private readonly figures: FiguresStore,
  ) {}

  view(): Promise<PublicFigures> {
    return this.remembered.get();
  }

  private async read(): Promise<PublicFigures> {
    const [at, nodes_online, tasks_settled_day, paid, week, markets] = await Promise.all([
      this.figures.now(),
      this.store.nodesOnline(),
      this.store.tasksOfDay(),
      this.store.paidToOwners(PAID_DAYS),
      this.store.week(),
      this.figures.markets(MARKETS),
    ]);
    return {
      at: at.toISOString(),
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
      nodes_online,
      tasks_settled_day,
      paid_to_owners_30_days_micro: String(paid),
      markets: markets.map(({ market, price_micro, traded_at }) => ({
        market,
        price_micro: price_micro === null ? null : String(price_micro),
        traded_at: traded_at?.toISOString() ?? null,
        week: week
          .filter((hour) => hour.market === market)
          .map((hour) => ({ at: hour.from_at.toISOString(), price_micro: String(hour.price_micro) })),
      })),
    };
  }
}
