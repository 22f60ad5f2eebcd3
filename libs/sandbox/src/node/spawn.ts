import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { bubblewrap, bubblewrapPath, INFO_FD } from './isolation/bubblewrap.js';
import type { SlotGroup, SlotGroups } from './isolation/cgroup.js';
import type { IsolationLayer } from './isolation/layers.js';
import { type Limits, limited } from './isolation/limits.js';
import { diesWithParent, unshared } from './isolation/namespaces.js';
import { permissionFlags } from './isolation/permission.js';
import { childProgram, readableFiles } from './programs.js';

/** Beside a task's memory, which no limit of V8 counts, the program itself needs little. */
const NODE_FLAGS = ['--no-warnings', '--expose-gc', '--max-old-space-size=256', '--disallow-code-generation-from-strings'];

export interface SpawnOptions extends Limits {
  layers: readonly IsolationLayer[];
  groups: SlotGroups | null;
  /** Instead of the program that runs tasks; one of our own compiled files. */
  script?: string;
  args?: readonly string[];
}

export interface SandboxProcess {
  child: ChildProcess & { stdin: Writable; stdout: Readable; stderr: Readable };
  /** The process that runs Node.js, which is not `child` under bubblewrap; null when that never came to be. */
  pid: Promise<number | null>;
  /** Control group that only this process is in. */
  group: SlotGroup | null;
}

/**
 * Starts a sandbox process behind the given layers. It has no environment and no terminal, in a session of its own: Ctrl-C is the agent's to answer. It
 * dies with this process where the system can do that (Linux by setpriv or bubblewrap, Windows by its job object).
 */
export function spawnSandbox(options: SpawnOptions): SandboxProcess {
  const { layers, script = childProgram(), args = [] } = options;
  const files = readableFiles();
  const node = [...NODE_FLAGS, script, ...args];
  if (layers.includes('permission-model')) node.unshift(...(permissionFlags(files) ?? []));
  const wrap = layers.includes('bubblewrap') ? bubblewrapPath() : null;
  const group = layers.includes('cgroup') ? (options.groups?.make(options.data_bytes_max) ?? null) : null;
  const command = [
    ...(layers.includes('rlimits') ? limited(options, group?.procs ?? null) : []),
    ...(wrap === null ? [...(layers.includes('namespaces') ? unshared() : []), ...diesWithParent()] : bubblewrap(wrap, files)),
    process.execPath,
    ...node,
  ];
  const windows = process.platform === 'win32';
  const child = spawn(command[0] as string, command.slice(1), {
    stdio: ['pipe', 'pipe', 'pipe', ...(wrap === null ? [] : (['pipe'] as const))],
    env: {},
    cwd: dirname(script),
    detached: !windows,
    windowsHide: true,
  }) as SandboxProcess['child'];
  if (windows && child.pid !== undefined) lower(child.pid, options.niceness);
  return { child, pid: wrap === null ? Promise.resolve(child.pid ?? null) : innerPid(child), group };
}

function lower(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
  } catch {
    // already gone, or not allowed here: the exit or the normal priority tells
  }
}

async function innerPid(child: ChildProcess): Promise<number | null> {
  const info = child.stdio[INFO_FD] as Readable;
  let text = '';
  try {
    for await (const chunk of info) text += String(chunk);
    return (JSON.parse(text) as { 'child-pid': number })['child-pid'];
  } catch {
    return null; // it could not be started: its end says why
  }
}
