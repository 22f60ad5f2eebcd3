/** `npm run bench:sandbox [-- --json]`: what metering costs, against plain WebAssembly, plain QuickJS and a well-known peer, in one run. */
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { METER_ID } from '#sandbox';
import { engineBytes, isolation, openSlot } from '#sandbox/node';
import { meter } from '../../../libs/sandbox/src/meter/meter.js';
import { EMPTY_COMMAND, HANDLER, HANDLER_INPUT } from './handlers.js';
import { PEER, peerIsolated, peerProgram, peerShared } from './peer-quickjs.js';
import { plainCommand } from './plain-command.js';
import { isPlain, plainHandler } from './plain-quickjs.js';
import { LIMITS, newRuntime, prepare, programs } from './programs.js';
import { byName, each_us, median, perSecond, ROUNDS, range, ratio, round, spreadOf, timed_ms, versionOf } from './samples.js';

const WARM_CALLS = 500;
const COLD_STARTS = 25;

const read = (path: string) => readFileSync(path, 'utf8');
const runtime = newRuntime();
const js_programs = programs('js').filter(isPlain);

function meterSpeed_mib_per_s(): number[] {
  const bytes = engineBytes();
  for (let i = 0; i < 10; i++) meter(bytes);
  return Array.from({ length: ROUNDS }, () => bytes.length / 1_048_576 / (timed_ms(() => meter(bytes)) / 1000));
}

/** Through a slot's process, as an agent runs them. */
async function tasksPerSecond(kind: 'wasm' | 'javascript', bytes: Uint8Array, input: string, count: number): Promise<number> {
  const slot = await openSlot();
  try {
    const { module_hash } = await slot.load({ kind, codec: kind === 'wasm' ? 'bytes' : 'json', bytes });
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

/** Another source every time, so that nothing but the engine is known: read, run, answered. */
const coldSource = (i: number) => HANDLER.replace('0)', `${i} - ${i})`);
const cold_ms = (start: (source: string) => unknown) => Array.from({ length: COLD_STARTS }, (_, i) => timed_ms(() => start(coldSource(i))));

const handler = (text: string) => ({
  name: 'handler',
  source: { kind: 'javascript', codec: 'json', bytes: Buffer.from(text) } as const,
  input: Buffer.from(HANDLER_INPUT),
});
const ours = prepare(runtime, handler(HANDLER));
const shared = peerShared(HANDLER);
const isolated = peerIsolated(HANDLER);
const answers = new Set([Buffer.from(ours().output).toString(), shared(HANDLER_INPUT), isolated(HANDLER_INPUT)]);
if (answers.size !== 1) throw new Error(`the handler answers differently: ${[...answers].join(' | ')}`);

// Before the programs: their dead instances would be collected in the middle of starts and calls of microseconds.
const command = prepare(runtime, {
  name: 'empty',
  source: { kind: 'wasm', codec: 'bytes', bytes: EMPTY_COMMAND },
  input: Buffer.alloc(0),
});
const speed = meterSpeed_mib_per_s();
const cold = {
  ours: cold_ms((source) => prepare(runtime, handler(source))()),
  peer: cold_ms((source) => peerIsolated(source)(HANDLER_INPUT)),
};
const warm = {
  wasm: each_us(command, WARM_CALLS),
  js: each_us(ours, WARM_CALLS),
  shared: each_us(() => shared(HANDLER_INPUT), WARM_CALLS),
  isolated: each_us(() => isolated(HANDLER_INPUT), WARM_CALLS),
};
const calls = {
  ours: perSecond(ours, 2000),
  shared: perSecond(() => shared(HANDLER_INPUT), 2000),
  isolated: perSecond(() => isolated(HANDLER_INPUT), 500),
};
const c = programs('c').map((program) => ratio(program.name, prepare(runtime, program), plainCommand(program.source.bytes)));
const js = [];
for (const program of js_programs) js.push(ratio(program.name, prepare(runtime, program), await plainHandler(program)));
const against_peer = js_programs.map((program) => ratio(program.name, prepare(runtime, program), peerProgram(program)));

const best = (list: readonly { best: number }[]) => list.map((x) => x.best);

const report = {
  bench: 'sandbox',
  date: new Date().toISOString(),
  machine: { cpus: os.cpus().length, model: os.cpus()[0]?.model ?? 'unknown', node: process.version, postgres: null },
  config: {
    meter_id: METER_ID,
    rounds: ROUNDS,
    c_programs: c.length,
    js_programs: js.length,
    isolation: (await isolation()).holds,
    unmetered: `quickjs-wasi ${versionOf('quickjs-wasi', read)}`,
  },
  ours: {
    meter_mib_per_s: round(median(speed), 1),
    meter_mib_per_s_spread: range(speed, 1),
    overhead_ratio_median: round(median(best(c))),
    overhead_ratio_worst: round(Math.max(...best(c))),
    overhead_ratio_spread: spreadOf(c),
    overhead_ratio: byName(c),
    js_vs_quickjs_ratio: round(median(best(js))),
    js_vs_quickjs_ratio_spread: spreadOf(js),
    js_vs_quickjs: byName(js),
    cold_ms_p50: round(median(cold.ours)),
    cold_ms_spread: range(cold.ours),
    warm_us_p50: round(median(warm.wasm), 1),
    warm_us_spread: range(warm.wasm, 1),
    js_warm_us_p50: round(median(warm.js), 1),
    js_warm_us_spread: range(warm.js, 1),
    js_calls_per_s: Math.round(median(calls.ours)),
    js_calls_per_s_spread: range(calls.ours, 0),
    wasm_tasks_per_s: Math.round(await tasksPerSecond('wasm', EMPTY_COMMAND, '', 10_000)),
    js_tasks_per_s: Math.round(await tasksPerSecond('javascript', Buffer.from(HANDLER), HANDLER_INPUT, 4_000)),
  },
  /** `isolated`: a new runtime for every call, as every task of ours starts from clean memory; else calls share one context. */
  peer: {
    name: PEER,
    version: versionOf(PEER, read),
    cold_ms_p50: round(median(cold.peer)),
    cold_ms_spread: range(cold.peer),
    warm_us_p50: round(median(warm.shared), 1),
    isolated_us_p50: round(median(warm.isolated), 1),
    calls_per_s: Math.round(median(calls.shared)),
    isolated_calls_per_s: Math.round(median(calls.isolated)),
    js_vs_peer_ratio: round(median(best(against_peer))),
    js_vs_peer_ratio_spread: spreadOf(against_peer),
    js_vs_peer: byName(against_peer),
    cold_ratio: round(median(cold.ours) / median(cold.peer)),
    isolated_calls_ratio: round(median(calls.ours) / median(calls.isolated)),
  },
  /** Time of the JavaScript programs, ours to the peer's; below 1 is faster. */
  ratio: round(median(best(against_peer))),
};
console.log(process.argv.includes('--json') ? JSON.stringify(report) : JSON.stringify(report, null, 2));
