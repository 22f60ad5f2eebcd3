import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../apps/broker/src/app.js';
import { type Config, loadConfig } from '../../apps/broker/src/platform/config/config.js';
import { freshDatabase } from './database.js';

export interface TestBroker {
  app: NestFastifyApplication;
  config: Config;
  /** Where it listens, without a slash at the end. */
  url: string;
  close: () => Promise<void>;
}

/** A whole broker on a fresh database and a free port; every answer is checked against its documented shape. */
export async function startBroker(env: Record<string, string> = {}): Promise<TestBroker> {
  const database = await freshDatabase();
  const data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap broker '));
  const config = loadConfig({
    DATABASE_URL: database.url,
    HEAP_DATA_DIR: data_dir,
    HEAP_PORT: '0',
    HEAP_LOG_LEVEL: 'fatal',
    HEAP_CHECK_RESPONSES: 'true',
    HEAP_SIGN_IN_ATTEMPTS_PER_MINUTE: '1000',
    HEAP_DATABASE_POOL: '8',
    ...env,
  });
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  return {
    app,
    config,
    url: await app.getUrl(),
    close: async () => {
      await app.close();
      await database.drop();
      fs.rmSync(data_dir, { recursive: true, force: true });
    },
  };
}
