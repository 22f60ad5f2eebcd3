import net from 'node:net';
import { HeapError } from '#units';

const PATIENCE_MS = 5_000;

/**
 * The Redis client would try for ever and say little. A broker that starts finds out first whether anybody listens.
 * @throws HeapError `configuration` when nobody does.
 */
export async function assertRedisReachable(redis_url: string): Promise<void> {
  const { hostname, port } = new URL(redis_url);
  const socket = net.connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379), timeout: PATIENCE_MS });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
      socket.once('timeout', () => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
    });
  } catch (error) {
    throw new HeapError(
      'configuration',
      `REDIS_URL names ${hostname}:${port || 6379}, and no Redis is reached there (${(error as Error).message}). Start it, correct the address, or unset REDIS_URL to run the queues on PostgreSQL.`,
      'platform',
    );
  } finally {
    socket.destroy();
  }
}
