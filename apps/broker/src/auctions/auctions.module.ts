import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.js';
import { AuctionsCommands } from './auctions.commands.js';
import { AuctionsController } from './auctions.controller.js';
import { BookStore } from './book.store.js';
import { LeadStore } from './lead.store.js';
import { MarketLeader } from './market-leader.js';
import { RoundsService } from './rounds.service.js';
import { RoundsStore } from './rounds.store.js';
import { TermsStore } from './terms.store.js';

@Module({
  imports: [OrdersModule],
  controllers: [AuctionsController],
  providers: [AuctionsCommands, BookStore, LeadStore, MarketLeader, RoundsService, RoundsStore, TermsStore],
  exports: [AuctionsCommands],
})
export class AuctionsModule {}
