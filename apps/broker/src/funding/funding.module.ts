import { Module } from '@nestjs/common';
import { QueueModule } from '../platform/queue/queue.module.js';
import { BlocksCommands } from './blocks.commands.js';
import { DebtsService } from './debts.service.js';
import { DepositsService } from './deposits.service.js';
import { DepositsStore } from './deposits.store.js';
import { DisputesService } from './disputes.service.js';
import { DisputesStore } from './disputes.store.js';
import { FundingController } from './funding.controller.js';
import { FUNDING_QUEUE, FundingProcessor, RECONCILE, TEND, TOP_UP } from './funding.processor.js';
import { LinksCommands } from './links.commands.js';
import { LinksQuery } from './links.query.js';
import { LinksStore } from './links.store.js';
import { PaymentsService } from './payments.service.js';
import { ReconciliationService } from './reconciliation.service.js';
import { ReconciliationStore } from './reconciliation.store.js';
import { RefundableQuery } from './refundable.query.js';
import { RefundsService } from './refunds.service.js';
import { RefundsStore } from './refunds.store.js';
import { TopUpsService } from './top-ups.service.js';
import { TopUpsStore } from './top-ups.store.js';

/** Money in: deposits, refunds, disputes, top-ups, and what the provider's books say of them. */
@Module({
  imports: [
    QueueModule.forQueue({
      name: FUNDING_QUEUE,
      repeats: [
        { job: TOP_UP, every_ms: 15_000 },
        { job: TEND, every_ms: 300_000 },
        { job: RECONCILE, every_ms: 600_000 },
      ],
    }),
  ],
  controllers: [FundingController],
  providers: [
    BlocksCommands,
    DebtsService,
    DepositsService,
    DepositsStore,
    DisputesService,
    DisputesStore,
    FundingProcessor,
    LinksCommands,
    LinksQuery,
    LinksStore,
    PaymentsService,
    ReconciliationService,
    ReconciliationStore,
    RefundableQuery,
    RefundsService,
    RefundsStore,
    TopUpsService,
    TopUpsStore,
  ],
  exports: [BlocksCommands, LinksCommands, LinksQuery, RefundableQuery],
})
export class FundingModule {}
