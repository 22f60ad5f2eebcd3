import { Module } from '@nestjs/common';
import { FundingModule } from '../funding/funding.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { AuctionsCommands } from './auctions.commands.js';
import { AuctionsController } from './auctions.controller.js';
import { AuctionsQuery } from './auctions.query.js';
import { DemandStore } from './demand.store.js';
import { EstimatesService } from './estimates.service.js';
import { Goods } from './goods.commands.js';
import { IdleController } from './idle.controller.js';
import { IdleService } from './idle.service.js';
import { LeadStore } from './lead.store.js';
import { MarketLeader } from './market-leader.js';
import { PricesService } from './prices.service.js';
import { PricesStore } from './prices.store.js';
import { ReceiptsService } from './receipts.service.js';
import { ReceiptsStore } from './receipts.store.js';
import { ReserveAdviceService } from './reserve-advice.service.js';
import { ReserveAdviceStore } from './reserve-advice.store.js';
import { RoundsService } from './rounds.service.js';
import { SupplyService } from './supply.service.js';
import { SupplyStore } from './supply.store.js';
import { TermsStore } from './terms.store.js';
import { WorkMarket } from './work-market.js';

@Module({
  imports: [FundingModule, OrdersModule],
  controllers: [AuctionsController, IdleController],
  providers: [
    AuctionsCommands,
    AuctionsQuery,
    DemandStore,
    EstimatesService,
    Goods,
    IdleService,
    LeadStore,
    MarketLeader,
    PricesService,
    PricesStore,
    ReceiptsService,
    ReceiptsStore,
    ReserveAdviceService,
    ReserveAdviceStore,
    RoundsService,
    SupplyService,
    SupplyStore,
    TermsStore,
    WorkMarket,
  ],
  exports: [AuctionsQuery, AuctionsCommands],
})
export class AuctionsModule {}
