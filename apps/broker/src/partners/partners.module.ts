import { Module } from '@nestjs/common';
import { PartnersCommands } from './partners.commands.js';
import { PartnersController } from './partners.controller.js';
import { PartnersService } from './partners.service.js';
import { PartnersStore } from './partners.store.js';

/** Those who bring devices. */
@Module({
  controllers: [PartnersController],
  providers: [PartnersCommands, PartnersService, PartnersStore],
  exports: [PartnersCommands],
})
export class PartnersModule {}
