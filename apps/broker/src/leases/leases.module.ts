import { Module } from '@nestjs/common';
import { AuctionsModule } from '../auctions/auctions.module.js';
import { LeasesCommands } from './leases.commands.js';
import { LeasesQuery } from './leases.query.js';
import { LeasesService } from './leases.service.js';
import { LeasesStore } from './leases.store.js';

@Module({
  imports: [AuctionsModule],
  providers: [LeasesCommands, LeasesQuery, LeasesService, LeasesStore],
  exports: [LeasesCommands, LeasesQuery],
})
export class LeasesModule {}
