import { Module } from '@nestjs/common';
import { DispatchModule } from '../dispatch/dispatch.module.js';
import { QueueModule } from '../platform/queue/queue.module.js';
import { ReservationsModule } from '../reservations/reservations.module.js';
import { VerificationModule } from '../verification/verification.module.js';
import { Audits } from './audits.service.js';
import { AuditsStore } from './audits.store.js';
import { Deliveries } from './deliveries.service.js';
import { DevicesStore } from './devices.store.js';
import { DirectoriesService } from './directories.service.js';
import { DirectoriesStore } from './directories.store.js';
import { FilesService } from './files.service.js';
import { FilesStore } from './files.store.js';
import { HealthService } from './health.service.js';
import { HealthStore } from './health.store.js';
import { Lasting } from './lasting.service.js';
import { LastingStore } from './lasting.store.js';
import { Losses } from './losses.service.js';
import { PiecesController } from './pieces.controller.js';
import { PiecesStore } from './pieces.store.js';
import { Placing } from './placing.service.js';
import { Reading } from './reading.service.js';
import { Relay } from './relay.js';
import { RelayStore } from './relay.store.js';
import { Repairs } from './repair.service.js';
import { RepairStore } from './repair.store.js';
import { Standings } from './standings.service.js';
import { StandingsStore } from './standings.store.js';
import { TransfersService } from './transfers.service.js';
import { VolumesClock } from './volumes.clock.js';
import { VolumesController } from './volumes.controller.js';
import { PLAN_REPAIRS, VOLUMES_QUEUE, VolumesProcessor } from './volumes.processor.js';
import { VolumesService } from './volumes.service.js';
import { VolumesStore } from './volumes.store.js';
import { Words } from './words.service.js';

/** Encrypted, redundant storage on devices: where pieces go, how they travel, what proves that they are there, and what is paid for it. */
@Module({
  imports: [
    DispatchModule,
    ReservationsModule,
    VerificationModule,
    QueueModule.forQueue({ name: VOLUMES_QUEUE, repeats: [{ job: PLAN_REPAIRS, every_ms: 5_000 }] }),
  ],
  controllers: [PiecesController, VolumesController],
  providers: [
    Audits,
    AuditsStore,
    Deliveries,
    DevicesStore,
    DirectoriesService,
    DirectoriesStore,
    FilesService,
    FilesStore,
    HealthService,
    HealthStore,
    Lasting,
    LastingStore,
    Losses,
    PiecesStore,
    Placing,
    Reading,
    Relay,
    RelayStore,
    Repairs,
    RepairStore,
    Standings,
    StandingsStore,
    TransfersService,
    VolumesClock,
    VolumesProcessor,
    VolumesService,
    VolumesStore,
    Words,
  ],
})
export class VolumesModule {}
