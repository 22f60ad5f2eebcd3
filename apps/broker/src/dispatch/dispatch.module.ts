import { Module } from '@nestjs/common';
import { LeasesModule } from '../leases/leases.module.js';
import { OrdersModule } from '../orders/orders.module.js';
import { VerificationModule } from '../verification/verification.module.js';
import { Admission } from './admission.service.js';
import { Cancellations } from './cancellations.service.js';
import { Claims } from './claims.service.js';
import { DispatchCommands } from './dispatch.commands.js';
import { DispatchGateway } from './dispatch.gateway.js';
import { DispatchService } from './dispatch.service.js';
import { DispatchStore } from './dispatch.store.js';
import { Feeder } from './feeder.service.js';
import { Frames } from './frames.service.js';
import { GatewayLife } from './gateway-life.service.js';
import { LateTasks } from './late-tasks.service.js';
import { LeaseKeeper } from './lease-keeper.service.js';
import { Messages } from './messages.service.js';
import { OwnerWords } from './owner-words.service.js';
import { Reconciler } from './reconciler.service.js';
import { Sessions } from './sessions.js';
import { TwinsStore } from './twins.store.js';

@Module({
  imports: [OrdersModule, LeasesModule, VerificationModule],
  providers: [
    Admission,
    Cancellations,
    Claims,
    DispatchCommands,
    DispatchGateway,
    DispatchService,
    DispatchStore,
    Feeder,
    Frames,
    GatewayLife,
    LateTasks,
    LeaseKeeper,
    Messages,
    OwnerWords,
    Reconciler,
    Sessions,
    TwinsStore,
  ],
  exports: [DispatchCommands],
})
export class DispatchModule {}
