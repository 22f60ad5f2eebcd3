import 'reflect-metadata';
import { HeapError } from '#units';
import { createApp } from './app.js';
import { loadConfig, publicUrl } from './platform/config/config.js';

/**
 * Connections that the system holds until they are accepted; it has a limit of its own (`net.core.somaxconn`). Of those beyond, each is tried
 * again after 1, 3, 7 seconds and so on: when all devices of a gateway come back at once, that is what they would wait for.
 */
const BACKLOG = 16_384;

try {
  const config = loadConfig();
  const app = await createApp(config);
  app.enableShutdownHooks();
  // Started by a launcher that has died: nobody would ever stop this process.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  await app.listen({ port: config.port, host: config.host, backlog: BACKLOG });
  const { port } = new URL(await app.getUrl());
  // A parent process (the launcher, a test) waits for this line and takes the address from it.
  console.log(`heap: ready on ${publicUrl(config, Number(port))}`);
} catch (error) {
  console.error(sentenceOf(error) ?? error);
  process.exit(1);
}

/** For what the person who starts the broker can mend; the rest is a defect and shows its stack. */
function sentenceOf(error: unknown): string | undefined {
  if (error instanceof HeapError) return `heap: ${error.message}`;
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE')
    return `heap: ${address}:${port} is taken: stop what listens there, or set HEAP_PORT to another port (0 takes a free one).`;
  if (code === 'EACCES') return `heap: this user may not listen on ${address}:${port}: set HEAP_PORT to a port above 1023.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `heap: HEAP_HOST is not an address of this machine: ${(error as Error).message}.`;
  return undefined;
}
