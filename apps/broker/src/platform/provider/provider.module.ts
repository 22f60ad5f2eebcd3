import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { MONEY_PROVIDER } from './money-provider.js';
import { SimulatedProvider } from './simulated.provider.js';
import { SimulatedStore } from './simulated.store.js';
import { StripeProvider } from './stripe.provider.js';

@Global()
@Module({
  providers: [
    SimulatedStore,
    {
      provide: MONEY_PROVIDER,
      inject: [CONFIG, SimulatedStore],
      useFactory: (config: Config, store: SimulatedStore) =>
        config.simulated_payments ? new SimulatedProvider(store) : new StripeProvider(config),
    },
  ],
  exports: [MONEY_PROVIDER],
})
export class ProviderModule {}
