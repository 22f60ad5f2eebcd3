/**
 * Fits the fuel weights: `npm run calibrate:fuel`. Counts what each program of test/programs executes by class of instruction (by metering it
 * with a weight of one for that class and zero for all others), measures how long it takes, and searches for weights under which
 * fuel per millisecond differs least between the programs. Prints the weights; a person puts them into libs/sandbox/src/meter/weights.ts
 * and counts `METER_ID` up.
 */
import { PREFIXED_WEIGHTS, WEIGHTS } from '../../../libs/sandbox/src/meter/weights.js';
import { fastest_ms, newRuntime, type Program, prepare, programs } from './programs.js';

type Range = readonly [from: number, to: number];

const CLASSES: Record<string, readonly Range[]> = {
  local: [
    [0x1a, 0x1a],
    [0x20, 0x22],
    [0x41, 0x44],
  ],
  integer: [
    [0x45, 0x5a],
    [0x67, 0x6c],
    [0x71, 0x7e],
    [0x83, 0x8a],
    [0xa7, 0xa7],
    [0xac, 0xad],
    [0xbc, 0xc4],
  ],
  select: [[0x1b, 0x1c]],
  divide: [
    [0x6d, 0x70],
    [0x7f, 0x82],
    [0x91, 0x91],
    [0x95, 0x95],
    [0x9f, 0x9f],
    [0xa3, 0xa3],
  ],
  float: [
    [0x5b, 0x66],
    [0x8b, 0x90],
    [0x92, 0x94],
    [0x96, 0x9e],
    [0xa0, 0xa2],
    [0xa4, 0xa6],
    [0xa8, 0xab],
    [0xae, 0xbb],
  ],
  load: [[0x28, 0x35]],
  store: [[0x36, 0x3e]],
  global: [[0x23, 0x24]],
  branch: [
    [0x04, 0x04],
    [0x0c, 0x0d],
    [0x0f, 0x0f],
  ],
  loop: [[0x03, 0x03]],
  branch_table: [[0x0e, 0x0e]],
  call: [[0x10, 0x10]],
  call_indirect: [[0x11, 0x11]],
};
/** memory.init, memory.copy and memory.fill: engines call out for them, whatever the length. */
const BULK = [8, 10, 11];
const NAMES = [...Object.keys(CLASSES), 'bulk'];
/** What a weight may be: nothing may be so cheap that a loop of it alone would run far longer than it pays for. */
const BOUNDS: Record<string, Range> = {
  local: [1, 1],
  integer: [1, 2],
  select: [1, 3],
  divide: [12, 24],
  float: [2, 4],
  load: [1, 4],
  store: [2, 5],
  global: [1, 8],
  branch: [1, 4],
  loop: [8, 64],
  branch_table: [4, 12],
  call: [4, 24],
  call_indirect: [8, 32],
  bulk: [100, 1000],
};
const REPEATS = 7;
const FIT_STEPS = 20_000;
/** Programs that take less say more about starting than about running. */
const TIME_MS_MIN = 1.5;

interface Sample {
  name: string;
  time_ms: number;
  /** Fuel that no weight changes: pages, host calls, bulk operations. */
  fixed: number;
  counts: number[];
}

function withWeights<T>(set: () => void, work: () => T): T {
  const [weights, prefixed] = [WEIGHTS.slice(), PREFIXED_WEIGHTS.slice()];
  WEIGHTS.fill(0);
  PREFIXED_WEIGHTS.fill(0);
  set();
  try {
    return work();
  } finally {
    WEIGHTS.set(weights);
    PREFIXED_WEIGHTS.set(prefixed);
  }
}

function fuels(list: readonly Program[]): number[] {
  const runtime = newRuntime();
  return list.map((program) => Number(prepare(runtime, program)().fuel_used));
}

function measure(list: readonly Program[]): Sample[] {
  const fixed = withWeights(
    () => undefined,
    () => fuels(list),
  );
  const counts = NAMES.map((name) =>
    withWeights(
      () => {
        for (const [from, to] of CLASSES[name] ?? []) WEIGHTS.fill(1, from, to + 1);
        if (name === 'bulk') for (const op of BULK) PREFIXED_WEIGHTS[op] = 1;
      },
      () => fuels(list).map((fuel, i) => fuel - (fixed[i] as number)),
    ),
  );
  const runtime = newRuntime();
  return list
    .map((program, i) => ({
      name: program.name,
      time_ms: fastest_ms(prepare(runtime, program), REPEATS),
      fixed: fixed[i] as number,
      counts: counts.map((of) => of[i] as number),
    }))
    .filter((sample) => sample.time_ms >= TIME_MS_MIN);
}

const rate = (sample: Sample, weights: readonly number[]) =>
  (sample.fixed + sample.counts.reduce((sum, n, c) => sum + n * (weights[c] as number), 0)) / sample.time_ms;

/** How far the rates' logarithms lie apart, the furthest counting most, with a pull towards cheap instructions staying cheap. */
function badness(samples: readonly Sample[], weights: readonly number[]): number {
  const logs = samples.map((sample) => Math.log(rate(sample, weights)));
  const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
  const outliers = logs.reduce((sum, x) => sum + (x - mean) ** 6, 0) / logs.length;
  return outliers + 0.0002 * weights.reduce((sum, w) => sum + Math.log(w) ** 2, 0);
}

/** Hill climbing within the bounds; deterministic, so that a second run on the same measurements says the same. */
function fit(samples: readonly Sample[]): number[] {
  let weights = NAMES.map((name) => BOUNDS[name]?.[0] ?? 1);
  let best = badness(samples, weights);
  let x = 12345;
  const random = () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return x / 0x7fffffff;
  };
  for (let step = 0; step < FIT_STEPS; step++) {
    const trial = weights.slice();
    const c = Math.floor(random() * NAMES.length);
    const [least, most] = BOUNDS[NAMES[c] as string] ?? [1, 16];
    trial[c] = Math.min(most, Math.max(least, (trial[c] as number) * Math.exp(random() - 0.5)));
    const score = badness(samples, trial);
    if (score < best) [weights, best] = [trial, score];
  }
  return weights.map((w) => Math.round(w));
}

const samples = measure([...programs('c'), ...programs('js')]);
const weights = fit(samples);
const rates = samples.map((sample) => rate(sample, weights));
console.log(Object.fromEntries(NAMES.map((name, i) => [name, weights[i]])));
for (const [i, sample] of samples.entries())
  console.log(
    sample.name.padEnd(16),
    `${sample.time_ms.toFixed(1)} ms`.padStart(10),
    `${((rates[i] as number) / 1000).toFixed(0)}k fuel/ms`.padStart(18),
  );
console.log(`fuel per millisecond varies ${(Math.max(...rates) / Math.min(...rates)).toFixed(2)} times`);
