import 'reflect-metadata';
import { HeapError } from '#units';
import { createApp } from './app.js';
import { loadConfig, publicUrl } from './platform/config/config.js';

try {
  const config = loadConfig();
  const app = await createApp(config);
  app.enableShutdownHooks();
  await app.listen(config.port, config.host);
  const { port } = new URL(await app.getUrl());
  // A parent process (the launcher, a test) waits for this line and takes the address from it.
  console.log(`heap: ready on ${publicUrl(config, Number(port))}`);
} catch (error) {
  const known = error instanceof HeapError || (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  console.error(known ? `heap: ${(error as Error).message}` : error);
  process.exit(1);
}
