import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { METER_ID, type ModuleSource, moduleKey, type RunLimits, type RunTask, Runtime } from '#sandbox';
import { engineBytes } from '#sandbox/node';
import { textFiles } from '../../libs/sandbox/src/hostile/text-files.js';
import { DATABASE, workload } from './sql-workload.js';

const FOLDER = 'test/programs';
const MIB = 1024 * 1024;
export const CONFORMANCE_LIMITS: RunLimits = {
  fuel: 1n << 50n,
  stack_bytes: 256 * 1024,
  memory_bytes: 64 * MIB,
  output_bytes: MIB,
  log_bytes: 4096,
  wall_ms: 60_000,
};
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Small sizes, so that the whole of it takes a second; C programs read theirs from the first argument. */
const SIZES: Record<string, string> = {
  blur: '64',
  digest: '1',
  fib: '20',
  json: '300',
  lz: '64',
  match: '100',
  matrix: '60',
  nbody: '5000',
  rays: '40',
  sha256: '2',
  sieve: '100000',
  sort: '4000',
  store: '3000',
  swarm: '64',
  vm: '800',
};

export interface Row {
  verdict: string;
  fuel_used: string;
  output_hash: string;
  metered_hash: string;
}

export interface Program {
  name: string;
  source: ModuleSource;
  task: RunTask;
  limits: RunLimits;
}

/** Every program of test/programs with the task it is compared by. */
export function conformancePrograms(): Program[] {
  return (['c', 'cpp', 'js'] as const).flatMap((kind) => {
    const extension = kind === 'js' ? '.js' : '.wasm';
    const files = readdirSync(`${FOLDER}/${kind}`).filter((name) => name.endsWith(extension));
    return files.sort().map((file) => {
      const name = file.slice(0, -extension.length);
      const bytes = readFileSync(`${FOLDER}/${kind}/${file}`);
      const codec = kind === 'js' && !bytes.includes('codec: bytes') ? 'json' : 'bytes';
      const input = kind === 'cpp' ? workload(DATABASE.seed, DATABASE.orders).sql : codec === 'json' ? 'null' : '';
      const task = { input: Buffer.from(input), args: kind === 'c' ? [SIZES[name] ?? '1'] : [], seed: name };
      const source: ModuleSource = { kind: kind === 'js' ? 'javascript' : 'wasm', codec, bytes };
      return { name: `${kind}/${name}`, source, task, limits: CONFORMANCE_LIMITS };
    });
  });
}

/** What the programs of test/programs/files are given. */
export const GIVEN_FILES = { 'data/words.txt': 'four words are here' };

/** Programs that read what a job gives and keep files of their own. */
export function filePrograms(): Program[] {
  const folder = `${FOLDER}/files`;
  return readdirSync(folder)
    .filter((name) => /\.(wasm|js)$/.test(name))
    .sort()
    .map((name) => {
      const bytes = readFileSync(`${folder}/${name}`);
      const javascript = name.endsWith('.js');
      const source: ModuleSource = { kind: javascript ? 'javascript' : 'wasm', codec: javascript ? 'json' : 'bytes', bytes };
      const task = { input: Buffer.from(javascript ? 'null' : ''), seed: name, files: textFiles(GIVEN_FILES) };
      return { name: `files/${name}`, source, task, limits: { ...CONFORMANCE_LIMITS, files: 200, file_bytes: 100_000 } };
    });
}

/** What every program of test/programs comes to here; it must come to the same on every engine. */
export function conformance(): { meter_id: string; programs: Record<string, Row> } {
  const runtime = new Runtime({ sha256, engine: engineBytes });
  const rows: Record<string, Row> = {};
  for (const { name, source, task, limits } of [...conformancePrograms(), ...filePrograms()]) {
    const { module_hash, metered_hash } = runtime.load(source);
    const { verdict, fuel_used, output } = runtime.run(moduleKey(module_hash, source), task, limits);
    rows[name] = { verdict, fuel_used: String(fuel_used), output_hash: sha256(output), metered_hash };
  }
  return { meter_id: METER_ID, programs: rows };
}
