import { Injectable } from '@nestjs/common';
import type { BodyOf, ResponseOf, ROUTES } from '#protocol';
import { KEPT_MARKETS, WATTS } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { electricityReserve } from './electricity.js';
import { electricityPrice } from './electricity-prices.js';
import { KeptOffersStore } from './kept-offers.store.js';
import { KeptPrices } from './kept-prices.js';
import { nodeUnknown, timeZoneUnknown } from './nodes.errors.js';
import { KeptOfferChanged, NodeChanged, OfferChanged } from './nodes.events.js';
import { type Hours, type OfferRow, type RulesRow, RulesStore } from './rules.store.js';

type RulesView = ResponseOf<typeof ROUTES.getRules>;
type OfferView = ResponseOf<typeof ROUTES.listOffers>['offers'][number];

/** What an owner says about prices and about whom and what they admit. */
@Injectable()
export class RulesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: RulesStore,
    private readonly kept: KeptOffersStore,
    private readonly keptPrices: KeptPrices,
    private readonly bus: EventBus,
  ) {}

  async get(owner_id: string): Promise<RulesView> {
    const [rules, hours] = await Promise.all([this.store.rules(owner_id), this.store.hours(owner_id, [null])]);
    const { price_per_kwh_micro, source } = electricityPrice(rules.price_per_kwh_micro, rules.region);
    return {
      ...rules,
      price_per_kwh_micro: rules.price_per_kwh_micro === null ? null : String(rules.price_per_kwh_micro),
      hours: hours.map(hoursView),
      electricity: { price_per_kwh_micro: String(price_per_kwh_micro), source, region: rules.region },
    };
  }

  /** @throws HeapError `invalid_input` for a time zone that the database does not know. */
  async replace(owner_id: string, body: BodyOf<typeof ROUTES.putRules>): Promise<RulesView> {
    if (!(await this.store.knowsTimeZone(body.time_zone))) throw timeZoneUnknown(body.time_zone);
    await this.transactions.run(async (tx) => {
      await this.store.replaceRules(tx, owner_id, body);
      await this.store.replaceHours(tx, owner_id, null, body.hours);
      await this.price(tx, owner_id, body);
    });
    // Whom and what the owner admits may have changed, too.
    this.bus.publish(OfferChanged, { slot_classes: await this.store.classesOf(owner_id), owner_id });
    this.bus.publish(KeptOfferChanged, { markets: KEPT_MARKETS });
    return this.get(owner_id);
  }

  async offers(owner_id: string): Promise<OfferView[]> {
    const rows = await this.store.offersOf(owner_id);
    const hours = await this.store.hours(owner_id, [...new Set(rows.map((row) => row.node_id))]);
    return rows.map((row) => ({
      node_id: row.node_id,
      name: row.name,
      slot_class: row.slot_class,
      slots: row.slots,
      free: row.free,
      available: row.available,
      region: row.region,
      labels: row.labels,
      reserve_price_micro: String(row.reserve_price_micro),
      price_source: sourceOf(row),
      electricity_price_micro: String(row.electricity_micro),
      watts: WATTS[row.kind],
      hours: hours.filter((h) => h.node_id === row.node_id).map(hoursView),
    }));
  }

  /** @throws HeapError `not_found`, also for another owner's node. */
  async setOfferTerms(owner_id: string, node_id: string, terms: BodyOf<typeof ROUTES.putOfferTerms>): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (!(await this.store.setPlace(tx, owner_id, node_id, terms))) throw nodeUnknown();
      if (terms.hours) await this.store.replaceHours(tx, owner_id, node_id, terms.hours);
      await this.price(tx, owner_id, await this.store.rules(owner_id, tx));
    });
    this.bus.publish(OfferChanged, { slot_classes: await this.store.classesOf(owner_id, node_id), node_ids: [node_id] });
    this.bus.publish(NodeChanged, { node_id, owner_id });
    this.bus.publish(KeptOfferChanged, { markets: KEPT_MARKETS });
  }

  /** Prices every offer of an owner anew: the electricity by their figures, then what counts now. */
  private async price(tx: Transaction, owner_id: string, rules: Pick<RulesRow, 'region' | 'price_per_kwh_micro' | 'margin_percent'>) {
    const nodes = await this.store.nodesOf(tx, owner_id);
    await this.store.setElectricity(
      tx,
      nodes.map((node) => ({
        node_id: node.id,
        electricity_micro: electricityReserve(node.kind, node.speed_fuel_per_ms, {
          ...electricityPrice(rules.price_per_kwh_micro, node.region ?? rules.region),
          margin_percent: rules.margin_percent,
        }),
      })),
    );
    await this.store.reprice(owner_id, tx);
    await this.kept.reprice(tx, owner_id, await this.keptPrices.of(owner_id, tx));
  }
}

const hoursView = ({ weekdays, from_hour, to_hour, price_micro }: Hours) => ({
  weekdays,
  from_hour,
  to_hour,
  price_micro: String(price_micro),
});

function sourceOf(row: OfferRow): OfferView['price_source'] {
  if (row.of_device !== null) return row.of_device ? 'device_hours' : 'hours';
  return row.asked_price_micro === null ? 'electricity' : 'agent';
}
