import { Global, Module } from '@nestjs/common';
import { EventBus } from './event-bus.js';
import { BusRelay } from './relay.js';

@Global()
@Module({ providers: [BusRelay, EventBus], exports: [EventBus] })
export class BusModule {}
