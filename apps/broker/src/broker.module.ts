import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { AccountsModule } from './accounts/accounts.module.js';
import { AdministrationModule } from './administration/administration.module.js';
import { AuctionsModule } from './auctions/auctions.module.js';
import { DispatchModule } from './dispatch/dispatch.module.js';
import { FundingModule } from './funding/funding.module.js';
import { LeasesModule } from './leases/leases.module.js';
import { LiveModule } from './live/live.module.js';
import { MoneyModule } from './money/money.module.js';
import { NodesModule } from './nodes/nodes.module.js';
import { NoticesModule } from './notices/notices.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { OrdersModule } from './orders/orders.module.js';
import { PartnersModule } from './partners/partners.module.js';
import { PayoutsModule } from './payouts/payouts.module.js';
import { BlobsModule } from './platform/blobs/blob-store.js';
import { BusModule } from './platform/bus/bus.module.js';
import type { Config } from './platform/config/config.js';
import { ConfigModule } from './platform/config/config.module.js';
import { ConsoleModule } from './platform/console/console.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { HeapModule } from './platform/heap/heap.module.js';
import { HttpModule } from './platform/http/http.module.js';
import { InboxModule } from './platform/inbox/inbox.module.js';
import { LoggingModule } from './platform/logging/logging.module.js';
import { OutboxModule } from './platform/outbox/outbox.module.js';
import { ProviderModule } from './platform/provider/provider.module.js';
import { QueueModule } from './platform/queue/queue.module.js';
import { PromotionsModule } from './promotions/promotions.module.js';
import { ReservationsModule } from './reservations/reservations.module.js';
import { ResultsModule } from './results/results.module.js';
import { SettlementModule } from './settlement/settlement.module.js';
import { StatementsModule } from './statements/statements.module.js';
import { VerificationModule } from './verification/verification.module.js';
import { VolumesModule } from './volumes/volumes.module.js';

/** The table of contents: one line per station, in the order in which money and work pass them. */
@Module({})
export class BrokerModule {
  static forRoot(config: Config, logger: Logger): DynamicModule {
    return {
      module: BrokerModule,
      imports: [
        ConfigModule.forRoot(config),
        LoggingModule.forRoot(logger),
        DatabaseModule,
        QueueModule.forRoot(config),
        HttpModule,
        HeapModule,
        ConsoleModule,
        MoneyModule,
        BusModule,
        BlobsModule,
        ProviderModule,
        OutboxModule,
        InboxModule,
        AccountsModule,
        FundingModule,
        PromotionsModule,
        PartnersModule,
        NodesModule,
        OrdersModule,
        AuctionsModule,
        LeasesModule,
        ReservationsModule,
        VerificationModule,
        DispatchModule,
        ResultsModule,
        SettlementModule,
        VolumesModule,
        PayoutsModule,
        StatementsModule,
        AdministrationModule,
        OperationsModule,
        NoticesModule,
        LiveModule,
      ],
    };
  }
}
