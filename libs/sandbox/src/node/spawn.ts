import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export type SandboxProcess = ChildProcessByStdio<Writable, Readable, Readable>;

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
const PRLIMIT = '/usr/bin/prlimit';

let engine: Buffer | undefined;

/** quickjs-wasi's engine, as published. The process that runs it may read no file, so that it is handed over. */
export function engineBytes(): Buffer {
  engine ??= readFileSync(createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm'));
  return engine;
}

function packageFile(): string | null {
  for (let folder = dirname(CHILD); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'package.json');
    if (folder === dirname(folder)) return null;
  }
}

/** Node.js's permission model: no file but our own code, no process, no worker, no addon. */
function permissionFlags(): string[] {
  const flag = ['--permission', '--experimental-permission'].find((name) => process.allowedNodeEnvironmentFlags.has(name));
  if (flag === undefined) return [];
  const libraries = realpathSync(join(dirname(CHILD), '../../..'));
  const own = packageFile();
  return [flag, `--allow-fs-read=${libraries}/`, ...(own === null ? [] : [`--allow-fs-read=${own}`])];
}

const UNSHARE = ['/usr/bin/unshare', '--user', '--map-current-user', '--net', '--ipc'] as const;
let can_unshare: boolean | undefined;

/** A network and IPC namespace of its own, in which there is nothing, where Linux lets this user make one. */
export function isolated(): readonly string[] {
  can_unshare ??=
    process.platform === 'linux' &&
    existsSync(UNSHARE[0]) &&
    spawnSync(UNSHARE[0], [...UNSHARE.slice(1), 'true'], { timeout: 2000 }).status === 0;
  return can_unshare ? [...UNSHARE, '--'] : [];
}

/** Data limit, no core dumps, few descriptors, by util-linux's prlimit, which becomes the process it is told to start. */
function limited(data_bytes_max: number): readonly string[] {
  if (process.platform !== 'linux' || !existsSync(PRLIMIT)) return [];
  return [PRLIMIT, `--data=${data_bytes_max}`, '--core=0', '--nofile=64', '--'];
}

export interface SpawnOptions {
  /** Lowered scheduling priority, 0 to 19. */
  niceness: number;
  /** Private memory the process may ever hold, where the system can limit it. */
  data_bytes_max: number;
}

/**
 * Starts a sandbox process: no network, empty environment, low priority, no core dumps, few descriptors,
 * as far as the system offers it.
 */
export function spawnSandbox(options: SpawnOptions): SandboxProcess {
  const node = [...permissionFlags(), '--no-warnings', '--max-old-space-size=256', '--disallow-code-generation-from-strings', CHILD];
  const [command, ...args] = [...isolated(), ...limited(options.data_bytes_max), process.execPath, ...node];
  const child = spawn(command as string, args, { stdio: ['pipe', 'pipe', 'pipe'], env: {}, cwd: dirname(CHILD), windowsHide: true });
  if (child.pid !== undefined) {
    try {
      setPriority(child.pid, options.niceness);
    } catch {
      // already gone, or not allowed here: the exit or the normal priority tells
    }
  }
  return child;
}
