/**
 * Fits the fuel weights: `npm run calibrate:fuel`. Counts what each program of test/programs executes by class of instruction (by metering it
 * with a weight for that class and zero for all others), measures the processor time it takes metered, and searches for weights
 * under which fuel per millisecond differs least between the programs. Prints the rates under the weights in force, round by round, so that the
 * noise shows, and then the weights fitted; a person puts them into libs/sandbox/src/meter/weights.ts and counts `METER_ID` up.
 *
 * Vector instructions and pages of memory keep their weights here: too few programs use them; theirs were measured one by one.
 */
import { ENTRY_WEIGHTS, PREFIXED_WEIGHTS, SIMD_WEIGHTS, WEIGHTS } from '../../../libs/sandbox/src/meter/weights.js';
import { newRuntime, type Program, prepare, programs } from './programs.js';

type Range = readonly [from: number, to: number];

/**
 * `within`: what the weight may be; nothing may be so cheap that a loop of it alone would run far longer than it pays for. `expected`: the
 * instruction's latency in cycles or, for branches and calls, what a mispredicted one costs now and then; the fit leaves it only
 * for a gain.
 */
interface Class {
  ops: readonly Range[];
  within: Range;
  expected: number;
}

const one = (...ops: number[]): Range[] => ops.map((op) => [op, op] as const);

const CLASSES: Record<string, Class> = {
  local: { ops: [...one(0x1a), [0x20, 0x22], [0x41, 0x44]], within: [1, 1], expected: 1 },
  integer: {
    ops: [[0x45, 0x5a], [0x67, 0x6b], [0x71, 0x7d], [0x83, 0x8a], ...one(0xa7), [0xac, 0xad], [0xbc, 0xc4]],
    within: [1, 2],
    expected: 1,
  },
  multiply: { ops: one(0x6c, 0x7e), within: [1, 4], expected: 3 },
  divide: {
    ops: [
      [0x6d, 0x70],
      [0x7f, 0x82],
    ],
    within: [16, 32],
    expected: 24,
  },
  select: { ops: [[0x1b, 0x1c]], within: [1, 4], expected: 2 },
  float_compare: { ops: [[0x5b, 0x66]], within: [1, 4], expected: 2 },
  float_arithmetic: {
    ops: [
      [0x92, 0x94],
      [0xa0, 0xa2],
    ],
    within: [2, 6],
    expected: 3,
  },
  float_divide: { ops: one(0x91, 0x95, 0x9f, 0xa3), within: [10, 24], expected: 14 },
  float_other: {
    ops: [
      [0x8b, 0x90],
      [0x96, 0x9e],
      [0xa4, 0xa6],
    ],
    within: [1, 6],
    expected: 3,
  },
  convert: {
    ops: [
      [0xa8, 0xab],
      [0xae, 0xbb],
    ],
    within: [2, 6],
    expected: 3,
  },
  load: { ops: [[0x28, 0x35]], within: [1, 6], expected: 2 },
  store: { ops: [[0x36, 0x3e]], within: [1, 6], expected: 2 },
  global: { ops: [[0x23, 0x24]], within: [1, 12], expected: 4 },
  if: { ops: one(0x04), within: [1, 8], expected: 2 },
  branch: { ops: one(0x0c, 0x0f), within: [1, 4], expected: 1 },
  branch_if: { ops: one(0x0d), within: [1, 8], expected: 2 },
  branch_table: { ops: one(0x0e), within: [3, 24], expected: 6 },
  loop: { ops: one(0x03), within: [4, 64], expected: 16 },
  call: { ops: one(0x10), within: [4, 8], expected: 6 },
  call_indirect: { ops: one(0x11), within: [8, 16], expected: 12 },
};
/** memory.init, memory.copy and memory.fill: engines call out for them, whatever the length. */
const BULK = [8, 10, 11];
const BULK_CLASS: Class = { ops: [], within: [100, 1500], expected: 500 };
/** Entering any function, and beside that one that calls others. */
const ENTRY_CLASS: Class = { ops: [], within: [1, 60], expected: 16 };
const FRAME_CLASS: Class = { ops: [], within: [1, 60], expected: 12 };
const NAMES = [...Object.keys(CLASSES), 'bulk', 'entry', 'frame'];
const ALL: Class[] = [...Object.values(CLASSES), BULK_CLASS, ENTRY_CLASS, FRAME_CLASS];

/** What an instruction of the class counted weighs: so much that no run of code is small enough to be paid with the one before it. */
const COUNTED = 64;
const ROUNDS = 5;
/** Of processor time, for one program in one round; and so often at least. */
const ROUND_MS = 30;
const RUNS_MIN = 3;
/** Programs that take less say more about starting than about running. */
const TIME_MS_MIN = 1;
const FIT_STEPS = 40_000;
/** From the mean of all programs to the furthest two: the exponent of the norm that is minimised, one after the other. */
const FIT_NORMS = [2, 6, 16, 60];
/** How much leaving the expected weights costs. */
const FIT_PULL = 0.2;

interface Sample {
  name: string;
  /** The fastest of each round. */
  rounds_ms: number[];
  /** The fastest of all. */
  time_ms: number;
  /** Fuel under the weights in force. */
  fuel: number;
  /** Fuel that no weight changes: pages, host calls, vectors, the length of bulk operations. */
  fixed: number;
  counts: number[];
  /** What the weights in force charge beyond the counts, as a factor: small arms are paid with the run before them, taken or not. */
  merged: number;
}

function withWeights<T>(set: () => void, work: () => T): T {
  const tables = [WEIGHTS, PREFIXED_WEIGHTS, SIMD_WEIGHTS, ENTRY_WEIGHTS];
  const kept = tables.map((table) => table.slice());
  for (const table of tables) table.fill(0);
  SIMD_WEIGHTS.set(vectors);
  set();
  try {
    return work();
  } finally {
    tables.forEach((table, i) => {
      table.set(kept[i] as Uint16Array);
    });
  }
}

function fuels(list: readonly Program[]): number[] {
  const runtime = newRuntime();
  return list.map((program) => Number(prepare(runtime, program)().fuel_used));
}

/** Processor time of this process: what else the machine does is not in it, though shared caches and cores still slow it. */
function processor_ms(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function fastest_ms(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  const end = processor_ms() + ROUND_MS;
  for (let i = 0, at = processor_ms(); i < RUNS_MIN || at < end; i++) {
    run();
    const now = processor_ms();
    best = Math.min(best, now - at);
    at = now;
  }
  return best;
}

function measure(list: readonly Program[]): Sample[] {
  const runtime = newRuntime();
  const runs = list.map((program) => prepare(runtime, program));
  const fuel = runs.map((run) => Number(run().fuel_used));
  for (const run of runs) fastest_ms(run); // until the optimising compiler is through
  const rounds = Array.from({ length: ROUNDS }, () => runs.map(fastest_ms));
  const fixed = withWeights(
    () => undefined,
    () => fuels(list),
  );
  const counts = NAMES.map((name) =>
    withWeights(
      () => {
        for (const [from, to] of CLASSES[name]?.ops ?? []) WEIGHTS.fill(COUNTED, from, to + 1);
        if (name === 'entry') ENTRY_WEIGHTS[0] = COUNTED;
        if (name === 'frame') ENTRY_WEIGHTS[1] = COUNTED;
        if (name === 'bulk') for (const op of BULK) PREFIXED_WEIGHTS[op] = COUNTED;
      },
      () => fuels(list).map((of, i) => (of - (fixed[i] as number)) / COUNTED),
    ),
  );
  return list
    .map((program, i) => ({
      name: program.name,
      rounds_ms: rounds.map((round) => round[i] as number),
      time_ms: Math.min(...rounds.map((round) => round[i] as number)),
      fuel: fuel[i] as number,
      fixed: fixed[i] as number,
      counts: counts.map((of) => of[i] as number),
      merged: 1,
    }))
    .map((sample) => ({ ...sample, merged: sample.fuel / fuelUnder(sample, weightsInForce()) }))
    .filter((sample) => sample.time_ms >= TIME_MS_MIN);
}

const vectors = SIMD_WEIGHTS.slice();

function weightsInForce(): number[] {
  const of_ops = Object.values(CLASSES).map(({ ops: [range] }) => WEIGHTS[(range as Range)[0]] as number);
  return [...of_ops, PREFIXED_WEIGHTS[BULK[0] as number] as number, ENTRY_WEIGHTS[0] as number, ENTRY_WEIGHTS[1] as number];
}

function fuelUnder(sample: Sample, weights: readonly number[]): number {
  return sample.merged * (sample.fixed + sample.counts.reduce((sum, n, c) => sum + n * (weights[c] as number), 0));
}
const rateUnder = (sample: Sample, weights: readonly number[]) => fuelUnder(sample, weights) / sample.time_ms;
const spread = (rates: readonly number[]) => Math.max(...rates) / Math.min(...rates);

/** A norm of how far the rates' logarithms lie from the middle between the furthest two, and of how far the weights lie from the expected. */
function badness(samples: readonly Sample[], weights: readonly number[], norm: number): number {
  const logs = samples.map((sample) => Math.log(rateUnder(sample, weights)));
  const middle = (Math.max(...logs) + Math.min(...logs)) / 2;
  const far = (logs.reduce((sum, x) => sum + Math.abs(x - middle) ** norm, 0) / logs.length) ** (1 / norm);
  const odd = weights.reduce((sum, w, c) => sum + Math.log(w / (ALL[c] as Class).expected) ** 2, 0);
  return far + (FIT_PULL * odd) / weights.length;
}

/** Hill climbing within the bounds, up to three weights at a time; deterministic, so that the same measurements give the same weights. */
function fit(samples: readonly Sample[]): number[] {
  let weights = ALL.map(({ expected }) => expected);
  let x = 12345;
  const random = () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return x / 0x7fffffff;
  };
  for (const norm of FIT_NORMS) {
    let best = badness(samples, weights, norm);
    for (let step = 0; step < FIT_STEPS; step++) {
      const trial = weights.slice();
      for (let moves = 1 + Math.floor(random() * 3); moves > 0; moves--) {
        const c = Math.floor(random() * ALL.length);
        const [least, most] = (ALL[c] as Class).within;
        const reach = step < FIT_STEPS / 2 ? 1 : 0.2;
        trial[c] = Math.min(most, Math.max(least, (trial[c] as number) * Math.exp((random() - 0.5) * reach)));
      }
      const score = badness(samples, trial, norm);
      if (score < best) [weights, best] = [trial, score];
    }
  }
  return weights.map((w) => Math.round(w));
}

const samples = measure([...programs('c'), ...programs('js')]);
const per_ms = (rate: number) => `${(rate / 1000).toFixed(0)}k`.padStart(8);
const weights = fit(samples);
/** Fitted without every third program and judged on all: how far the weights hold for programs they have not seen. */
const held_out = [0, 1, 2].map((left_out) => {
  const seen = fit(samples.filter((_, i) => i % 3 !== left_out));
  return spread(samples.map((s) => rateUnder(s, seen))).toFixed(2);
});
console.log('program              time    fuel per ms in force, round by round            fitted');
for (const sample of samples)
  console.log(
    sample.name.padEnd(14),
    `${sample.time_ms.toFixed(1)} ms`.padStart(10),
    ...sample.rounds_ms.map((ms) => per_ms(sample.fuel / ms)),
    ' ',
    per_ms(rateUnder(sample, weights)),
  );
const by_round = Array.from({ length: ROUNDS }, (_, round) => spread(samples.map((s) => s.fuel / (s.rounds_ms[round] as number))));
const in_force = spread(samples.map((s) => s.fuel / s.time_ms));
console.log(
  `in force: the rates differ ${in_force.toFixed(2)} times by each program's fastest run; round by round ${by_round.map((x) => x.toFixed(2)).join(' ')}`,
);
console.log(
  `fitted: ${spread(samples.map((s) => rateUnder(s, weights))).toFixed(2)} times (${held_out.join(', ')} when fitted without every third program), with`,
);
console.log(Object.fromEntries(NAMES.map((name, c) => [name, weights[c]])));
