import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The repository, seen from the compiled test. */
export const ROOT = path.resolve(import.meta.dirname, '../../..');

interface Supervised {
  readonly pid: number;
}

/** What `infra/local/heap.mjs` starts: the same processes under the same supervision as `npm start`. */
export interface LocalHeap {
  url: string;
  api_key: string;
  database_url: string;
  data_dir: string;
  broker: Supervised;
  agents: readonly Supervised[];
  postgres: { readonly pid: number };
  stop(): Promise<void>;
}

interface StartOptions {
  data_dir: string;
  env: NodeJS.ProcessEnv;
  agents: number;
  agent_env: Record<string, string>;
  log: (line: string) => void;
}

const launcher: string = path.join(ROOT, 'infra/local/heap.mjs');

/** The environment without the caller's own settings. */
export const systemEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HEAP_|DATABASE_URL|REDIS_URL|TEST_)/.test(name)));

/** A heap of its own in a folder with spaces in its name. */
export async function startLocalHeap(options: Omit<StartOptions, 'data_dir'>): Promise<LocalHeap> {
  const data_dir = fs.mkdtempSync(path.join(os.tmpdir(), 'open heaps chaos '));
  // PostgreSQL does not run as root: whoever it runs as must get there.
  fs.chmodSync(data_dir, 0o755);
  const { startHeap } = (await import(launcher)) as { startHeap: (options: StartOptions) => Promise<LocalHeap> };
  return startHeap({ ...options, data_dir, env: { ...systemEnv(), ...options.env } });
}
