import { Inject, Injectable } from '@nestjs/common';
import { isStorage, type KeptMarketName, type Micro, type NodeKind } from '#units';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { Transaction } from '../platform/database/transactions.js';
import { electricityOfHour } from './electricity.js';
import { electricityPrice } from './electricity-prices.js';
import { type RulesRow, RulesStore } from './rules.store.js';

/** The automatic reserve of what a device keeps. */
export type KeptPrice = (market: KeptMarketName, node: { kind: NodeKind; region: string | null }) => Micro;

/** Standing slots cost at least the electricity of an hour and the owner's margin, storage what the heap is set to. */
@Injectable()
export class KeptPrices {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly rules: RulesStore,
  ) {}

  async of(owner_id: string, tx: Transaction): Promise<KeptPrice> {
    return this.by(await this.rules.rules(owner_id, tx));
  }

  /** By an owner's rules. */
  by({ price_per_kwh_micro, region, margin_percent }: Pick<RulesRow, 'price_per_kwh_micro' | 'region' | 'margin_percent'>): KeptPrice {
    return (market, node) => {
      if (isStorage(market)) return BigInt(market === 'storage:cold' ? this.config.storage_cold_micro : this.config.storage_standard_micro);
      const price = electricityPrice(price_per_kwh_micro, node.region ?? region).price_per_kwh_micro;
      return electricityOfHour(node.kind, { price_per_kwh_micro: price, margin_percent });
    };
  }
}
