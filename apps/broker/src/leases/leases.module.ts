import { Module } from '@nestjs/common';
import { LeasesCommands } from './leases.commands.js';
import { LeasesQuery } from './leases.query.js';
import { LeasesService } from './leases.service.js';
import { LeasesStore } from './leases.store.js';

@Module({ providers: [LeasesCommands, LeasesQuery, LeasesService, LeasesStore], exports: [LeasesCommands, LeasesQuery] })
export class LeasesModule {}
