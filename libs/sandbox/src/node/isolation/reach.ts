/**
 * What a program that has escaped the engine would try, from inside a sandbox process: run once when the agent starts, to see that each layer holds,
 * and by the tests. Prints, as JSON, for each attempt null when it succeeded, else the code of the refusal.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Worker } from 'node:worker_threads';

export interface Target {
  /** A file that everybody may read. */
  read: string;
  /** A file to make. */
  write: string;
  /** A program to start. */
  start: string;
  /** Something on this machine that listens. */
  port?: number;
  /** A process that is not ours to stop. */
  signal?: number;
}

type Attempt = string | null;

export interface Reached {
  read: Attempt;
  list: Attempt;
  write: Attempt;
  start: Attempt;
  worker: Attempt;
  connect: Attempt;
  signal: Attempt;
  environment: Record<string, string>;
  /** Network interfaces but for the loopback. */
  interfaces: number;
  limits: Record<string, { soft: number | string; hard: number | string }>;
}

function attempt(act: () => unknown): Attempt {
  try {
    act();
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

const outward = () => Object.values(networkInterfaces()).filter((addresses) => addresses?.some(({ internal }) => !internal)).length;

function started(program: string): void {
  const { error } = spawnSync(program, [], { timeout: 5000 });
  if (error) throw error;
}

const connected = (port: number) =>
  new Promise<Attempt>((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2000 });
    const end = (result: Attempt) => {
      socket.destroy();
      resolve(result);
    };
    socket.on('connect', () => end(null));
    socket.on('timeout', () => end('ETIMEDOUT'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? String(error)));
  });

/** Node.js 20 says kilobytes where it tells bytes; later ones say what it is. */
function limits(): Reached['limits'] {
  const { userLimits = {} } = process.report.getReport() as { userLimits?: Reached['limits'] };
  const { data_seg_size_bytes = userLimits.data_seg_size_kbytes, ...rest } = userLimits;
  return { ...rest, ...(data_seg_size_bytes && { data_seg_size_bytes }) };
}

const target = JSON.parse(process.argv[2] ?? '{}') as Target;
const reached: Reached = {
  read: attempt(() => readFileSync(target.read)),
  list: attempt(() => readdirSync('/etc')),
  write: attempt(() => writeFileSync(target.write, 'x')),
  start: attempt(() => started(target.start)),
  worker: attempt(() => void new Worker('0', { eval: true }).terminate()),
  connect: target.port === undefined ? 'not tried' : await connected(target.port),
  signal: target.signal === undefined ? 'not tried' : attempt(() => process.kill(target.signal as number, 0)),
  environment: { ...process.env } as Record<string, string>,
  interfaces: attempt(networkInterfaces) === null ? outward() : 0,
  limits: limits(),
};
console.log(JSON.stringify(reached));
