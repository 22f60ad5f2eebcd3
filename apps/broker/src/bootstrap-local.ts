// `node dist/apps/broker/src/bootstrap-local.js`: makes the account of the person at this machine and writes its key to
// local.json in HEAP_DATA_DIR. Safe to run at every start.
import 'reflect-metadata';
import fs from 'node:fs';
import os from 'node:os';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HeapError } from '#units';
import { AccountsModule } from './accounts/accounts.module.js';
import { LocalAccess, type LocalPerson } from './accounts/local-access.js';
import { BusModule } from './platform/bus/bus.module.js';
import { type Config, loadConfig } from './platform/config/config.js';
import { ConfigModule } from './platform/config/config.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { HttpModule } from './platform/http/http.module.js';

@Module({})
class LocalModule {}

/** Makes the account of the person at this machine; the same one every time. */
export async function bootstrapLocal(config: Config, who = localIdentity()): Promise<LocalPerson> {
  const imports = [ConfigModule.forRoot(config), DatabaseModule, BusModule, HttpModule, AccountsModule];
  const context = await NestFactory.createApplicationContext(
    { module: LocalModule, imports },
    { logger: ['warn', 'error'], abortOnError: false },
  );
  try {
    return await context.get(LocalAccess, { strict: false }).ensureLocalPerson(who);
  } finally {
    await context.close();
  }
}

function localIdentity(): { email: string; name: string } {
  const name = username();
  // ".invalid" can never be somebody's real address (RFC 2606).
  return { email: `${name.toLowerCase().replace(/[^a-z0-9._-]/g, '-')}@this-machine.invalid`, name };
}

/** Containers run as users that no one has given a name. */
function username(): string {
  try {
    return os.userInfo().username;
  } catch {
    return 'local';
  }
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === import.meta.filename) {
  try {
    const { person_id, email } = await bootstrapLocal(loadConfig());
    console.log(JSON.stringify({ person_id, email }));
  } catch (error) {
    console.error(error instanceof HeapError ? `heap: ${error.message}` : error);
    process.exit(1);
  }
}
