import { createPostgresBackend, setDefaultBackendFactory } from 'bullmq';
import type { Config } from '../config/config.js';

/** Redis where a server is given, else the schema `bullmq` of the application's own database. */
export function queueConnection(config: Pick<Config, 'redis_url' | 'database_url' | 'queue_pool'>): object {
  // Process-wide in BullMQ: one process runs its queues on one kind of server.
  setDefaultBackendFactory(config.redis_url ? undefined : (createPostgresBackend as never));
  if (config.redis_url) return { url: config.redis_url, maxRetriesPerRequest: null };
  return {
    connectionString: config.database_url,
    application_name: 'open-heaps queue',
    schema: 'bullmq',
    migrate: true,
    max: config.queue_pool,
  };
}
