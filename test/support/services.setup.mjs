// One PostgreSQL per run, durability off because the data is thrown away, migrated once into a template database that
// every test file copies (see database.ts).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startPostgres } from '../../infra/local/postgres.mjs';
import { prisma } from '../../prisma/prisma.mjs';

export default async function setup() {
  const data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'open heaps test '));
  fs.chmodSync(data_dir, 0o755);
  const postgres = await startPostgres({
    dataDir: data_dir,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 300 },
  });
  globalThis.__stopServices = async () => {
    await postgres.stop();
    fs.rmSync(data_dir, { recursive: true, force: true });
  };
  await prisma(['migrate', 'deploy'], { DATABASE_URL: `${postgres.url}/heap_template` }, ['ignore', 'ignore', 'inherit']);
  process.env.TEST_POSTGRES_URL = postgres.url;
}
