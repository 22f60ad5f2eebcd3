import { Module } from '@nestjs/common';
import { LeasesModule } from '../leases/leases.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { DispatchGateway } from './dispatch.gateway.js';
import { DispatchService } from './dispatch.service.js';
import { DispatchStore } from './dispatch.store.js';
import { Feeder } from './feeder.service.js';
import { Reconciler } from './reconciler.service.js';
import { Sessions } from './sessions.js';

@Module({
  imports: [OrdersModule, LeasesModule],
  providers: [DispatchGateway, DispatchService, DispatchStore, Feeder, Reconciler, Sessions],
})
export class DispatchModule {}
