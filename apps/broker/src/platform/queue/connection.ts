import { createPostgresBackend, setDefaultBackendFactory } from 'bullmq';
import type { Config } from '../config/config.js';

/** A Redis that is back should not wait for us: BullMQ's own pauses grow to 20 s. */
const REDIS_RETRY_MS = 250;
const REDIS_RETRY_MS_MAX = 2_000;
const retryStrategy = (times: number): number => Math.min(times * REDIS_RETRY_MS, REDIS_RETRY_MS_MAX);

/** Redis where a server is given, else the schema `bullmq` of the application's own database. */
export function queueConnection(config: Pick<Config, 'redis_url' | 'database_url' | 'queue_pool'>): object {
  // Process-wide in BullMQ: one process runs its queues on one kind of server.
  setDefaultBackendFactory(config.redis_url ? undefined : (createPostgresBackend as never));
  if (config.redis_url) return { url: config.redis_url, maxRetriesPerRequest: null, retryStrategy };
  return {
    connectionString: config.database_url,
    application_name: 'open-heaps queue',
    schema: 'bullmq',
    migrate: true,
    max: config.queue_pool,
  };
}
