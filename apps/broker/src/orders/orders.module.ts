import { Module } from '@nestjs/common';
import { FundingModule } from '../funding/funding.module.js';
import { Deadlines } from './deadlines.js';
import { FrozenPayers } from './frozen-payers.js';
import { FrozenPayersStore } from './frozen-payers.store.js';
import { FundsService } from './funds.service.js';
import { FundsStore } from './funds.store.js';
import { LimitsController } from './limits.controller.js';
import { LimitsService } from './limits.service.js';
import { LimitsStore } from './limits.store.js';
import { ModulesController } from './modules.controller.js';
import { ModulesService } from './modules.service.js';
import { ModulesStore } from './modules.store.js';
import { OrdersCommands } from './orders.commands.js';
import { OrdersController } from './orders.controller.js';
import { OrdersQuery } from './orders.query.js';
import { OrdersService } from './orders.service.js';
import { OrdersStore } from './orders.store.js';
import { RetriesService } from './retries.service.js';
import { VerifiersStore } from './verifiers.store.js';

@Module({
  imports: [FundingModule],
  controllers: [OrdersController, ModulesController, LimitsController],
  providers: [
    Deadlines,
    FrozenPayers,
    FrozenPayersStore,
    FundsService,
    FundsStore,
    LimitsService,
    LimitsStore,
    ModulesService,
    ModulesStore,
    OrdersCommands,
    OrdersQuery,
    OrdersService,
    OrdersStore,
    RetriesService,
    VerifiersStore,
  ],
  exports: [OrdersCommands, OrdersQuery],
})
export class OrdersModule {}
