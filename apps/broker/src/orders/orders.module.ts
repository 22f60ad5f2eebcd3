import { Module } from '@nestjs/common';
import { ModulesController } from './modules.controller.js';
import { ModulesService } from './modules.service.js';
import { ModulesStore } from './modules.store.js';
import { OrdersCommands } from './orders.commands.js';
import { OrdersController } from './orders.controller.js';
import { OrdersQuery } from './orders.query.js';
import { OrdersService } from './orders.service.js';
import { OrdersStore } from './orders.store.js';

@Module({
  controllers: [OrdersController, ModulesController],
  providers: [ModulesService, ModulesStore, OrdersCommands, OrdersQuery, OrdersService, OrdersStore],
  exports: [OrdersCommands, OrdersQuery],
})
export class OrdersModule {}
