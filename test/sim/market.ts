/**
 * `npm run sim:market -- --json [--nodes=1000] [--seed=1] [--hours=24] [--probes=300] [--queue=enrolled|returned] [--picture=file.svg]`
 *
 * A simulated heap: owners whose devices come and go by the hour of their day, priced by their electricity as the broker prices them, and
 * developers of four kinds, one of which comes in a rush from two fifths to three fifths of the time. A round a minute through `libs/auction`.
 * Prints one JSON object; the same arguments give the same figures but for `clear_ms`. Progress goes to standard error; Ctrl-C stops it.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { convergence, estimates, fairness, fillTimes, ownersIncome, welfare } from './figures.js';
import { HeapMarket, ROUND_MS, TERM_ROUNDS } from './heap-market.js';
import { pictureOf } from './picture.js';
import { Probes } from './probes.js';
import { quantile } from './statistics.js';

const given = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);

function whole(name: string, otherwise: number, least: number, most: number): number {
  const value = Number(given(name) ?? otherwise);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  console.error(`--${name} is a whole number from ${least} to ${most}.`);
  process.exit(2);
}

const nodes = whole('nodes', 1_000, 100, 200_000);
const seed = whole('seed', 1, 0, 2 ** 31 - 1);
const rounds = whole('hours', 24, 2, 240) * 60;
const probes_wanted = whole('probes', nodes > 20_000 ? 60 : 300, 0, 10_000);
const queue = given('queue') === 'returned' ? 'returned' : 'enrolled';
const picture = given('picture') ?? path.join(tmpdir(), `heap-market-${nodes}-${seed}.svg`);
const rush = { from: Math.floor(rounds * 0.4), to: Math.floor(rounds * 0.6) };

let stopped = false;
process.on('SIGINT', () => {
  if (stopped) process.exit(130);
  stopped = true;
});

const began = performance.now();
const market = new HeapMarket({ nodes, seed, rounds, rush, queue, welfare_every: nodes > 20_000 ? 10 : 1 });
const probes = new Probes();
/** The first quarter fills the heap; nobody is asked about at the end, when nothing could come true any more. */
const [ask_from, ask_to] = [Math.floor(rounds / 4), Math.floor(rounds * 0.9)];
const ask_every = (ask_to - ask_from) / Math.max(1, probes_wanted);

let shown = began;
while (market.round < rounds && !stopped) {
  const { round } = market;
  if (round >= ask_from && round < ask_to)
    while (probes.asked < probes_wanted && probes.asked * ask_every <= round - ask_from) probes.ask(market);
  market.step();
  probes.look(market);
  if (performance.now() - shown > 1_000) {
    shown = performance.now();
    process.stderr.write(`\rminute ${round} of ${rounds}`);
    await breathe();
  } else if (nodes > 5_000 || round % 20 === 0) await breathe();
}
process.stderr.write('\r');
if (stopped) {
  console.error(`Stopped at minute ${market.round} of ${rounds}; nothing was written.`);
  process.exit(130);
}
probes.look(market, true);
writeFileSync(picture, pictureOf(market));

const report = {
  sim: 'market',
  config: { nodes, seed, hours: rounds / 60, queue, round_s: ROUND_MS / 1_000, term_min: TERM_ROUNDS, rush_min: [rush.from, rush.to] },
  orders: { done: market.done.length, given_up: market.given_up.length, leases_broken_off: market.broken_off },
  price: convergence(market),
  welfare: welfare(market),
  owners: ownersIncome(market.devices, rounds),
  fill: fillTimes(market),
  fairness: fairness(market.devices),
  estimates: estimates(probes),
  clear_ms: { p50: Math.round(quantile(market.clear_ms, 0.5) ?? 0), p99: Math.round(quantile(market.clear_ms, 0.99) ?? 0) },
  took_s: Math.round((performance.now() - began) / 100) / 10,
  picture,
};
console.log(process.argv.includes('--json') ? JSON.stringify(report) : JSON.stringify(report, null, 2));
