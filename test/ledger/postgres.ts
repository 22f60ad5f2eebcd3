import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');

/** A migrated database of its own, thrown away at the end. Durable as in production unless told otherwise. */
export async function ownPostgres(settings: Record<string, string | number> = {}): Promise<{ url: string; stop: () => Promise<void> }> {
  const data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap ledger '));
  fs.chmodSync(data_dir, 0o755);
  const { startPostgres } = (await import(path.join(root, 'infra/local/postgres.mjs'))) as {
    startPostgres: (options: object) => Promise<{ url: string; stop: () => Promise<void> }>;
  };
  const { prisma } = (await import(path.join(root, 'prisma/prisma.mjs'))) as {
    prisma: (args: string[], env: object, stdio: unknown) => Promise<void>;
  };
  const server = await startPostgres({ dataDir: data_dir, settings: { max_connections: 100, ...settings } });
  const stop = async () => {
    await server.stop();
    fs.rmSync(data_dir, { recursive: true, force: true });
  };
  try {
    await prisma(['migrate', 'deploy'], { DATABASE_URL: `${server.url}/heap` }, ['ignore', 'ignore', 'inherit']);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `${server.url}/heap`, stop };
}
