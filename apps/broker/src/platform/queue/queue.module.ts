import { BullModule } from '@nestjs/bullmq';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import type { Config } from '../config/config.js';
import { queueConnection } from './connection.js';
import { QueueStates } from './queue-states.js';
import { QueueWatch } from './queue-watch.js';
import { type Repeat, repeatsProvider } from './repeats.js';

const DAY_S = 86_400;

export interface QueueDefinition {
  name: string;
  /** Jobs the heap starts by itself, again and again, once for all processes together. */
  repeats?: readonly Repeat[];
}

/**
 * The one door to BullMQ. A station declares its queue with `QueueModule.forQueue({ name })`, adds jobs through
 * `@InjectQueue(name) queue: Queue` and does them in a provider `@Processor(name) class … extends WorkerHost`; the
 * processor is listed in every process and works where HEAP_ROLES has `worker`.
 */
@Global()
@Module({})
export class QueueModule {
  static forRoot(config: Config): DynamicModule {
    const manualRegistration = !config.roles.includes('worker');
    const root = BullModule.forRoot({ connection: queueConnection(config) as never, extraOptions: { manualRegistration } });
    return { module: QueueModule, imports: [root, DiscoveryModule], providers: [QueueStates, QueueWatch], exports: [QueueStates] };
  }

  static forQueue({ name, repeats = [] }: QueueDefinition): DynamicModule {
    const queue = BullModule.registerQueue({
      name,
      defaultJobOptions: {
        attempts: 8,
        backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
        removeOnComplete: { age: DAY_S, count: 1_000 },
        removeOnFail: { age: 30 * DAY_S, count: 10_000 },
      },
    });
    return { module: QueueOfStation, imports: [queue], providers: [repeatsProvider(name, repeats)], exports: [queue] };
  }
}

/** One instance a queue: Nest tells dynamic modules apart by their contents. */
@Module({})
class QueueOfStation {}
