import { Global, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '#database';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseHealth } from './health.js';
import { Locks } from './locks.js';
import { Signals } from './signals.js';
import { Transactions } from './transactions.js';

/** The role of the guards migration: may add to the journal, may not change it. */
const APP_ROLE = 'openheaps_app';

/** Acts as the application's role where the migrations could create it. */
async function connect(config: Config): Promise<Database> {
  const plain = new Database({ url: config.database_url, max: 1 });
  const { rows } = await plain
    .query("SELECT 1 FROM pg_roles WHERE rolname = $1 AND pg_has_role(current_user, oid, 'MEMBER')", [APP_ROLE])
    .finally(() => plain.close());
  return new Database({
    url: config.database_url,
    max: config.database_pool,
    application_name: 'open-heaps broker',
    statement_timeout_ms: 30_000,
    ...(rows.length > 0 && { role: APP_ROLE }),
  });
}

@Injectable()
class CloseDatabase implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}
  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}

@Global()
@Module({
  providers: [{ provide: Database, inject: [CONFIG], useFactory: connect }, CloseDatabase, DatabaseHealth, Locks, Signals, Transactions],
  exports: [Database, DatabaseHealth, Locks, Signals, Transactions],
})
export class DatabaseModule {}
