import { Module } from '@nestjs/common';
import { AuctionsModule } from '../auctions/auctions.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { BillingService } from './billing.service.js';
import { BillingStore } from './billing.store.js';
import { ExtensionService } from './extension.service.js';
import { ExtensionStore } from './extension.store.js';
import { KeptBookStore } from './kept-book.store.js';
import { KeptClock } from './kept-clock.js';
import { KeptLeasesService } from './kept-leases.service.js';
import { KeptLeasesStore } from './kept-leases.store.js';
import { KeptMarket } from './kept-market.js';
import { ReservationEstimates } from './reservation-estimates.js';
import { ReservationsCommands } from './reservations.commands.js';
import { ReservationsController } from './reservations.controller.js';
import { ReservationsService } from './reservations.service.js';
import { ReservationsStore } from './reservations.store.js';

/** Slots and bytes that are kept: who reserves them, at what price, and what is paid for them. */
@Module({
  imports: [AuctionsModule, OrdersModule],
  controllers: [ReservationsController],
  providers: [
    BillingService,
    BillingStore,
    ExtensionService,
    ExtensionStore,
    KeptBookStore,
    KeptClock,
    KeptLeasesService,
    KeptLeasesStore,
    KeptMarket,
    ReservationEstimates,
    ReservationsCommands,
    ReservationsService,
    ReservationsStore,
  ],
  exports: [ReservationsCommands],
})
export class ReservationsModule {}
