import { Module } from '@nestjs/common';
import { FundingModule } from '../funding/funding.module.js';
import { LeasesModule } from '../leases/leases.module.js';
import { AdminNodesService } from './admin-nodes.service.js';
import { AdminPeopleService } from './admin-people.service.js';
import { AdministrationController } from './administration.controller.js';
import { AdministrationService } from './administration.service.js';
import { AdministrationStore } from './administration.store.js';
import { DrillController } from './drill.controller.js';
import { FindService } from './find.service.js';
import { FindStore } from './find.store.js';
import { JobsSearchService } from './jobs-search.service.js';
import { JobsSearchStore } from './jobs-search.store.js';
import { NodeDetailStore } from './node-detail.store.js';
import { NodeSearchStore } from './node-search.store.js';
import { PeopleSearchStore } from './people-search.store.js';
import { ProcessesService } from './processes.service.js';
import { ProcessesStore } from './processes.store.js';
import { SolvencyService } from './solvency.service.js';
import { SolvencyStore } from './solvency.store.js';
import { SteeringController } from './steering.controller.js';

/** What admins see and do: solvency, suspense, journals by hand, devices, accounts, any id, and the log of all that. */
@Module({
  imports: [FundingModule, LeasesModule],
  controllers: [AdministrationController, SteeringController, DrillController],
  providers: [
    AdminNodesService,
    AdminPeopleService,
    AdministrationService,
    AdministrationStore,
    FindService,
    FindStore,
    JobsSearchService,
    JobsSearchStore,
    NodeDetailStore,
    NodeSearchStore,
    PeopleSearchStore,
    ProcessesService,
    ProcessesStore,
    SolvencyService,
    SolvencyStore,
  ],
})
export class AdministrationModule {}
