import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { AccountsModule } from './accounts/accounts.module.js';
import type { Config } from './platform/config/config.js';
import { ConfigModule } from './platform/config/config.module.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { HeapModule } from './platform/heap/heap.module.js';
import { HttpModule } from './platform/http/http.module.js';
import { LoggingModule } from './platform/logging/logging.module.js';
import { QueueModule } from './platform/queue/queue.module.js';

/** The table of contents: one line per station, in the order in which money and work pass them. */
@Module({})
export class BrokerModule {
  static forRoot(config: Config, logger: Logger): DynamicModule {
    return {
      module: BrokerModule,
      imports: [
        ConfigModule.forRoot(config),
        LoggingModule.forRoot(logger),
        DatabaseModule,
        QueueModule.forRoot(config),
        HttpModule,
        HeapModule,
        AccountsModule,
      ],
    };
  }
}
