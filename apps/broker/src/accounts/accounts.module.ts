import { Global, Inject, Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { AUTHENTICATION, type Authentication } from '../platform/auth/authentication.js';
import { AuthenticationFactory, AuthenticationModule } from '../platform/auth/authentication.module.js';
import { mountAuthentication } from '../platform/auth/mount.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { AccessControl } from '../platform/http/access-control.js';
import { PERSON_AUTHENTICATOR } from '../platform/http/credentials.js';
import { addressesBehind } from '../platform/http/network-address.js';
import { StepUp } from './accounts.commands.js';
import { AccountsController } from './accounts.controller.js';
import { AccessChanged } from './accounts.events.js';
import { PeopleQuery } from './accounts.query.js';
import { AccountsStore } from './accounts.store.js';
import { AddressConfirmation } from './address-confirmation.commands.js';
import { AdminLog } from './admin-log.commands.js';
import { AdminLogQuery } from './admin-log.query.js';
import { AdminLogStore } from './admin-log.store.js';
import { ApiKeysService } from './api-keys.service.js';
import { KnownKeys } from './known-keys.js';
import { LocalAccess } from './local-access.js';
import { PeopleCommands } from './people.commands.js';
import { PeopleStore } from './people.store.js';
import { AccountsAuthenticator } from './person.authenticator.js';
import { ProfileService } from './profile.service.js';
import { SessionsService } from './sessions.service.js';

/** People, sign-in and API keys. Later stations get `PeopleQuery`; the HTTP guard gets the authenticator. */
@Global()
@Module({
  imports: [AuthenticationModule],
  controllers: [AccountsController],
  providers: [
    {
      provide: AUTHENTICATION,
      inject: [AuthenticationFactory, AccountsStore, EventBus],
      useFactory: (factory: AuthenticationFactory, store: AccountsStore, bus: EventBus) => {
        const tell = (person_id: string) => bus.publish(AccessChanged, { person_id });
        return factory.create({
          onPersonCreated: (id) => store.found(id),
          onSignedIn: async (id) => {
            await store.deleteOverSessions(id);
            tell(id);
          },
          onSessionEnded: tell,
        });
      },
    },
    AccountsStore,
    AddressConfirmation,
    AdminLog,
    AdminLogQuery,
    AdminLogStore,
    PeopleQuery,
    PeopleCommands,
    PeopleStore,
    ApiKeysService,
    KnownKeys,
    LocalAccess,
    ProfileService,
    SessionsService,
    StepUp,
    { provide: PERSON_AUTHENTICATOR, useClass: AccountsAuthenticator },
  ],
  exports: [AddressConfirmation, AdminLog, AdminLogQuery, PeopleQuery, PeopleCommands, PERSON_AUTHENTICATOR, LocalAccess, StepUp],
})
export class AccountsModule implements OnModuleInit {
  constructor(
    @Inject(AUTHENTICATION) private readonly authentication: Authentication,
    @Inject(CONFIG) private readonly config: Config,
    private readonly host: HttpAdapterHost,
    private readonly access: AccessControl,
    private readonly step_up: StepUp,
    private readonly sessions: SessionsService,
  ) {}

  onModuleInit(): void {
    // A tool that makes the first account has no server.
    const fastify = this.host.httpAdapter?.getInstance<FastifyInstance>();
    if (!fastify) return;
    mountAuthentication(fastify, this.authentication, addressesBehind(this.config.trusted_proxies), {
      assertProof: async (request) => {
        const caller = await this.access.identify(request);
        // Whoever is nobody is told so by better-auth.
        if (caller?.kind === 'person') await this.step_up.assert(caller, undefined);
      },
      signingIn: async (request) => {
        const caller = await this.access.identify(request);
        return async () => {
          if (caller?.kind === 'person' && caller.via === 'session') await this.sessions.end(caller.person_id, caller.credential_id);
        };
      },
    });
  }
}
