import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reachProgram } from '../programs.js';
import { spawnSandbox } from '../spawn.js';
import type { IsolationLayer } from './layers.js';
import type { Reached, Target } from './reach.js';

const PROBE_MS_MAX = 10_000;
/** Room for the second engine that an attempted worker starts: Node.js 24 sets half a gigabyte aside for each. */
const DATA_BYTES = 2 ** 31;

/** What an escaped program reaches behind these layers, or why it did not even start. */
export async function probe(
  layers: readonly IsolationLayer[],
  more: Partial<Target> = {},
  data_bytes_max = DATA_BYTES,
): Promise<Reached | string> {
  const windows = process.platform === 'win32';
  const target: Target = {
    read: windows ? 'C:\\Windows\\win.ini' : '/etc/passwd',
    write: join(tmpdir(), `heap-probe-${process.pid}-${layers.join('-')}`),
    start: windows ? 'C:\\Windows\\System32\\hostname.exe' : '/bin/true',
    ...more,
  };
  const { child } = spawnSandbox({
    niceness: 0,
    data_bytes_max,
    layers,
    groups: null,
    script: reachProgram(),
    args: [JSON.stringify(target)],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), PROBE_MS_MAX);
  const told = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => {
      told[stream] += chunk.toString();
    });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) return told.stderr.trim().split('\n').at(-1)?.slice(0, 200) || `it ended with ${code}`;
    return JSON.parse(told.stdout) as Reached;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
    rmSync(target.write, { force: true }); // where nothing keeps a process from making files
  }
}
