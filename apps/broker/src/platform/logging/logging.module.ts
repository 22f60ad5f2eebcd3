import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';

/** Gives stations Nest's logger over the pino that Fastify has: lines of one request carry its id. */
@Module({})
export class LoggingModule {
  static forRoot(logger: Logger): DynamicModule {
    // The first logger of a process wins for lines outside requests: nestjs-pino keeps one root.
    return { module: LoggingModule, imports: [LoggerModule.forRoot({ useExisting: true, pinoHttp: { logger } })] };
  }
}
