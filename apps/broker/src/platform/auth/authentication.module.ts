import { Global, Inject, Injectable, Module } from '@nestjs/common';
import { Database } from '#database';
import { CONFIG, type Config } from '../config/config.js';
import { type Authentication, createAuthentication, type Hooks } from './authentication.js';

/** Makes the authentication over this process's database; accounts/ says what happens to new people. */
@Injectable()
export class AuthenticationFactory {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Database) private readonly database: Database,
  ) {}

  create(hooks: Hooks): Authentication {
    return createAuthentication(this.config, this.database, hooks);
  }
}

@Global()
@Module({ providers: [AuthenticationFactory], exports: [AuthenticationFactory] })
export class AuthenticationModule {}
