import { Module } from '@nestjs/common';
import { AuctionsModule } from '../auctions/auctions.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { LeasesCommands } from './leases.commands.js';
import { LeasesController } from './leases.controller.js';
import { LeasesQuery } from './leases.query.js';
import { LeasesService } from './leases.service.js';
import { LeasesStore } from './leases.store.js';
import { OwnerLeasesService } from './owner-leases.service.js';
import { OwnerLeasesStore } from './owner-leases.store.js';
import { RenewalsStore } from './renewals.store.js';
import { SuspectsStore } from './suspects.store.js';
import { TwinsStore } from './twins.store.js';

@Module({
  imports: [AuctionsModule, OrdersModule],
  controllers: [LeasesController],
  providers: [
    OwnerLeasesService,
    OwnerLeasesStore,
    LeasesCommands,
    LeasesQuery,
    LeasesService,
    LeasesStore,
    RenewalsStore,
    SuspectsStore,
    TwinsStore,
  ],
  exports: [LeasesCommands, LeasesQuery],
})
export class LeasesModule {}
