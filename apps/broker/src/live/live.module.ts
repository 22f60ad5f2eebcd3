import { Module } from '@nestjs/common';
import { NodesModule } from '../nodes/nodes.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { Announcements } from './announcements.js';
import { LiveController } from './live.controller.js';
import { LiveGateway } from './live.gateway.js';
import { LiveService } from './live.service.js';
import { LiveStore } from './live.store.js';
import { LiveRights } from './rights.service.js';
import { LiveTickets } from './tickets.service.js';

/** Hints of what changed, to pages that are open. */
@Module({
  imports: [NodesModule, OrdersModule],
  controllers: [LiveController],
  providers: [Announcements, LiveGateway, LiveRights, LiveService, LiveStore, LiveTickets],
})
export class LiveModule {}
