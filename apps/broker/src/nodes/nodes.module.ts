import { Global, Module } from '@nestjs/common';
import { FundingModule } from '../funding/funding.module.js';
import { PartnersModule } from '../partners/partners.module.js';
import { NODES_ONLINE } from '../platform/heap/nodes-online.js';
import { HeapKey } from '../platform/heap-key.js';
import { NODE_AUTHENTICATOR } from '../platform/http/credentials.js';
import { BansCommands } from './bans.commands.js';
import { BansStore } from './bans.store.js';
import { DeviceController } from './device.controller.js';
import { DeviceStore } from './device.store.js';
import { DeviceLifeStore } from './device-life.store.js';
import { EnrolmentService } from './enrolment.service.js';
import { EnrolmentLinksController } from './enrolment-links.controller.js';
import { EnrolmentLinksService } from './enrolment-links.service.js';
import { EnrolmentLinksStore } from './enrolment-links.store.js';
import { FleetController } from './fleet.controller.js';
import { FleetService } from './fleet.service.js';
import { GatewaysCommands } from './gateways.commands.js';
import { GatewaysStore } from './gateways.store.js';
import { HealthStore } from './health.store.js';
import { KeptOffersController } from './kept-offers.controller.js';
import { KeptOffersQuery } from './kept-offers.query.js';
import { KeptOffersService } from './kept-offers.service.js';
import { KeptOffersStore } from './kept-offers.store.js';
import { KeptPrices } from './kept-prices.js';
import { SessionTokenAuthenticator } from './node-authenticator.js';
import { NodesCommands } from './nodes.commands.js';
import { NodesController } from './nodes.controller.js';
import { NodesQuery } from './nodes.query.js';
import { NodesService } from './nodes.service.js';
import { NodesStore } from './nodes.store.js';
import { OffersService } from './offers.service.js';
import { OffersStore } from './offers.store.js';
import { OwnerWordsCommands } from './owner-words.commands.js';
import { OwnerWordsController } from './owner-words.controller.js';
import { OwnerWordsService } from './owner-words.service.js';
import { OwnerWordsStore } from './owner-words.store.js';
import { PresenceCommands } from './presence.commands.js';
import { PresenceController } from './presence.controller.js';
import { PresenceService } from './presence.service.js';
import { PresenceStore } from './presence.store.js';
import { PriceClock } from './price-clock.js';
import { RulesController } from './rules.controller.js';
import { RulesService } from './rules.service.js';
import { RulesStore } from './rules.store.js';
import { SessionsService } from './sessions.service.js';
import { SessionsStore } from './sessions.store.js';
import { SteeringCommands } from './steering.commands.js';
import { SteeringStore } from './steering.store.js';

/** Enrolment, presence, offers. Global because the guard of every route asks it who a node's token belongs to. */
@Global()
@Module({
  imports: [FundingModule, PartnersModule],
  controllers: [
    NodesController,
    DeviceController,
    OwnerWordsController,
    FleetController,
    EnrolmentLinksController,
    PresenceController,
    RulesController,
    KeptOffersController,
  ],
  providers: [
    BansCommands,
    BansStore,
    DeviceLifeStore,
    DeviceStore,
    EnrolmentLinksService,
    EnrolmentLinksStore,
    EnrolmentService,
    FleetService,
    GatewaysCommands,
    GatewaysStore,
    HeapKey,
    KeptOffersQuery,
    KeptOffersService,
    KeptOffersStore,
    KeptPrices,
    NodesCommands,
    NodesQuery,
    NodesService,
    NodesStore,
    HealthStore,
    OffersService,
    OffersStore,
    OwnerWordsCommands,
    OwnerWordsService,
    OwnerWordsStore,
    PresenceCommands,
    PresenceService,
    PresenceStore,
    PriceClock,
    RulesService,
    RulesStore,
    SessionsService,
    SessionsStore,
    SteeringCommands,
    SteeringStore,
    { provide: NODE_AUTHENTICATOR, useClass: SessionTokenAuthenticator },
    { provide: NODES_ONLINE, inject: [NodesStore], useFactory: (store: NodesStore) => ({ count: () => store.countOnline() }) },
  ],
  exports: [
    BansCommands,
    GatewaysCommands,
    HeapKey,
    KeptOffersQuery,
    NodesCommands,
    NodesQuery,
    OwnerWordsCommands,
    PresenceCommands,
    SteeringCommands,
    NODE_AUTHENTICATOR,
    NODES_ONLINE,
  ],
})
export class NodesModule {}
