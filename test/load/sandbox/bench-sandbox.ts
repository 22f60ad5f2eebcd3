/** `npm run bench:sandbox [-- --json]`: what metering costs, against plain WebAssembly and plain QuickJS in the same run. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { EvalFlags, QuickJS } from 'quickjs-wasi';
import { METER_ID } from '#sandbox';
import { engineBytes, openSlot } from '#sandbox/node';
import { meter } from '../../../libs/sandbox/src/meter/meter.js';
import { plainCommand } from './plain-command.js';
import { LIMITS, newRuntime, type Program, prepare, programs } from './programs.js';

const ROUNDS = 9;
/** JavaScript programs that need nothing of our prelude, so that plain QuickJS can run them as they are. */
const PLAIN_JS = [
  'base64',
  'bigint',
  'classes',
  'fib',
  'generators',
  'graph',
  'json',
  'lexer',
  'life',
  'matrix',
  'nbody',
  'primes',
  'proxies',
  'queens',
  'regex',
  'sort',
  'words',
];

const median = (list: readonly number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] as number;
const round = (x: number, digits = 2) => Number(x.toFixed(digits));

function timed_ms(work: () => unknown): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

/** Both sides in turn, the best of each: what else the machine does hits both alike. */
function ratio(ours: () => unknown, plain: () => unknown): number {
  let [a, b] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let i = 0; i < ROUNDS; i++) {
    b = Math.min(b, timed_ms(plain));
    a = Math.min(a, timed_ms(ours));
  }
  return a / b;
}

function meterSpeed_mib_per_s(): number[] {
  const bytes = engineBytes();
  for (let i = 0; i < 10; i++) meter(bytes);
  return Array.from({ length: ROUNDS }, () => bytes.length / 1_048_576 / (timed_ms(() => meter(bytes)) / 1000));
}

async function plainHandler(program: Program): Promise<() => unknown> {
  const vm = await QuickJS.create({ wasm: engineBytes() });
  const promise = vm.evalCode(new TextDecoder().decode(program.source.bytes), 'task.js', EvalFlags.TYPE_MODULE);
  vm.executePendingJobs();
  const loaded = await vm.resolvePromise(promise);
  if ('error' in loaded) throw new Error(`${program.name} does not run on plain QuickJS`);
  const handler = loaded.value.getProp('default');
  return () => {
    const result = vm.callFunction(handler, vm.undefined, vm.null);
    vm.executePendingJobs();
    result.dispose();
  };
}

async function tasksPerSecond(kind: 'wasm' | 'javascript', source: Uint8Array, input: string, count: number): Promise<number> {
  const slot = await openSlot();
  try {
    const { module_hash } = await slot.load({ kind, codec: kind === 'wasm' ? 'bytes' : 'json', bytes: source });
    const tasks = Array.from({ length: count }, () => ({ input: Buffer.from(input) }));
    let started = 0;
    for (const list of [tasks.slice(0, count >> 2), tasks]) {
      started = performance.now();
      await slot.runBatch(module_hash, list, LIMITS, () => undefined);
    }
    return count / ((performance.now() - started) / 1000);
  } finally {
    await slot.close();
  }
}

const EMPTY_COMMAND = Uint8Array.from([
  0,
  0x61,
  0x73,
  0x6d,
  1,
  0,
  0,
  0,
  1,
  4,
  1,
  0x60,
  0,
  0,
  3,
  2,
  1,
  0,
  5,
  3,
  1,
  0,
  1,
  7,
  10,
  1,
  6,
  ...Buffer.from('_start'),
  0,
  0,
  10,
  4,
  1,
  2,
  0,
  0x0b,
]);
const SQUARE = Buffer.from('export default (n) => n * n');

const runtime = newRuntime();
const c = programs('c').map((program) => ({
  name: program.name,
  ratio: ratio(prepare(runtime, program), plainCommand(program.source.bytes)),
}));
const js: { name: string; ratio: number }[] = [];
for (const program of programs('js').filter(({ name }) => PLAIN_JS.includes(name.slice(3))))
  js.push({ name: program.name, ratio: ratio(prepare(runtime, program), await plainHandler(program)) });

const cold = Array.from({ length: 25 }, (_, i) => {
  const source = { kind: 'javascript', codec: 'json', bytes: Buffer.from(`export default (n) => n + ${i}`) } as const;
  return timed_ms(() => prepare(runtime, { name: 'cold', source, input: Buffer.from('1') })());
});
const warm = (run: () => unknown) => median(Array.from({ length: 500 }, () => timed_ms(run) * 1000));
const warm_wasm = prepare(runtime, {
  name: 'empty',
  source: { kind: 'wasm', codec: 'bytes', bytes: EMPTY_COMMAND },
  input: Buffer.alloc(0),
});
const warm_js = prepare(runtime, { name: 'square', source: { kind: 'javascript', codec: 'json', bytes: SQUARE }, input: Buffer.from('7') });

const speed = meterSpeed_mib_per_s();
const ratios = c.map((x) => x.ratio);
const report = {
  bench: 'sandbox',
  date: new Date().toISOString(),
  machine: { cpus: cpus().length, node: process.version },
  config: { meter_id: METER_ID, rounds: ROUNDS, c_programs: c.length, js_programs: js.length },
  ours: {
    meter_mib_per_s: round(median(speed), 1),
    meter_mib_per_s_spread: [round(Math.min(...speed), 1), round(Math.max(...speed), 1)],
    overhead_ratio_median: round(median(ratios)),
    overhead_ratio_worst: round(Math.max(...ratios)),
    overhead_ratio: Object.fromEntries(c.map((x) => [x.name, round(x.ratio)])),
    js_vs_quickjs_ratio: round(median(js.map((x) => x.ratio))),
    js_vs_quickjs: Object.fromEntries(js.map((x) => [x.name, round(x.ratio)])),
    cold_ms_p50: round(median(cold)),
    warm_us_p50: round(warm(warm_wasm), 1),
    js_warm_us_p50: round(warm(warm_js), 1),
    wasm_tasks_per_s: Math.round(await tasksPerSecond('wasm', EMPTY_COMMAND, '', 10_000)),
    js_tasks_per_s: Math.round(await tasksPerSecond('javascript', SQUARE, '7', 8_000)),
  },
  peer: {
    name: 'quickjs-wasi',
    version: (JSON.parse(readFileSync('node_modules/quickjs-wasi/package.json', 'utf8')) as { version: string }).version,
    overhead_ratio: 1,
  },
  ratio: round(median(js.map((x) => x.ratio))),
};
console.log(process.argv.includes('--json') ? JSON.stringify(report) : JSON.stringify(report, null, 2));
