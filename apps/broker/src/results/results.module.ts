import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.js';
import { VerificationModule } from '../verification/verification.module.js';
import { CheckedStore } from './checked.store.js';
import { ResultChecks } from './checks.service.js';
import { Commits } from './commits.service.js';
import { OutcomesService } from './outcomes.service.js';
import { OutcomesStore } from './outcomes.store.js';
import { ResultsController } from './results.controller.js';
import { ResultsService } from './results.service.js';
import { ResultsStore } from './results.store.js';
import { TwinsStore } from './twins.store.js';

@Module({
  imports: [OrdersModule, VerificationModule],
  controllers: [ResultsController],
  providers: [CheckedStore, Commits, OutcomesService, OutcomesStore, ResultChecks, ResultsService, ResultsStore, TwinsStore],
})
export class ResultsModule {}
