import { Module } from '@nestjs/common';
import { AdministrationController } from './administration.controller.js';
import { AdministrationService } from './administration.service.js';
import { AdministrationStore } from './administration.store.js';
import { SolvencyService } from './solvency.service.js';
import { SolvencyStore } from './solvency.store.js';

/** What admins see and do: solvency, suspense, journals by hand, and the log of all that. */
@Module({
  controllers: [AdministrationController],
  providers: [AdministrationService, AdministrationStore, SolvencyService, SolvencyStore],
})
export class AdministrationModule {}
