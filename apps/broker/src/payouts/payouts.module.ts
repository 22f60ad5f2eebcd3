import { Module } from '@nestjs/common';
import { FundingModule } from '../funding/funding.module.js';
import { QueueModule } from '../platform/queue/queue.module.js';
import { DeviceEarningsController } from './device-earnings.controller.js';
import { EarningsService } from './earnings.service.js';
import { EarningsStore } from './earnings.store.js';
import { PayoutAccountsService } from './payout-accounts.service.js';
import { PayoutAccountsStore } from './payout-accounts.store.js';
import { PayoutSchedule } from './payout-schedule.service.js';
import { PayoutScreen } from './payout-screen.service.js';
import { PayoutSender } from './payout-sender.service.js';
import { PayoutTermsService } from './payout-terms.service.js';
import { PayoutTermsStore } from './payout-terms.store.js';
import { PayoutsController } from './payouts.controller.js';
import { PAYOUTS_QUEUE, PayoutsProcessor, TEND } from './payouts.processor.js';
import { PayoutsService } from './payouts.service.js';
import { PayoutsStore } from './payouts.store.js';

/** Money out: earnings on their way to owners' banks. */
@Module({
  imports: [FundingModule, QueueModule.forQueue({ name: PAYOUTS_QUEUE, repeats: [{ job: TEND, every_ms: 30_000 }] })],
  controllers: [PayoutsController, DeviceEarningsController],
  providers: [
    EarningsService,
    EarningsStore,
    PayoutAccountsService,
    PayoutAccountsStore,
    PayoutSchedule,
    PayoutScreen,
    PayoutSender,
    PayoutTermsService,
    PayoutTermsStore,
    PayoutsProcessor,
    PayoutsService,
    PayoutsStore,
  ],
})
export class PayoutsModule {}
