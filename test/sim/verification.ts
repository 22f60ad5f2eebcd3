/**
 * `npm run sim:verification -- --json [--nodes=2000] [--tasks=1000000] [--seed=1] [--grid-nodes=600] [--grid-tasks=100000] [--parts=headline,rings,grid]
 * [--threads=2] [--nice=10] [--picture=file.svg]`
 *
 * Heaps whose results `libs/verification` checks, with cheaters among the nodes, beside plain 2-of-2 voting and BOINC's adaptive rule on the same
 * nodes. The figures in `ours` are of a tenth of the nodes cheating together, the worst over greed, sleep and rejoining; so are those of the
 * executions. The grid over all shares of cheaters and collusion is smaller for each cell. Prints one JSON object; the same arguments give the same
 * figures but for `took_s`. Ends with 1 if a promise does not hold.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { asText, holds, ours, peers, table, worst } from './verification/figures.js';
import { grid, headline, type Row, stress } from './verification/grid.js';
import { pictureOf } from './verification/picture.js';
import { inThreads } from './verification/pool.js';

const given = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);

function whole(name: string, otherwise: number, least: number, most: number): number {
  const value = Number(given(name) ?? otherwise);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  console.error(`--${name} is a whole number from ${least} to ${most}.`);
  process.exit(2);
}

const seed = whole('seed', 1, 0, 2 ** 31 - 1);
const size = { seed, nodes: whole('nodes', 2_000, 100, 100_000), tasks: whole('tasks', 1_000_000, 1_000, 20_000_000) };
const small = { seed, nodes: whole('grid-nodes', 600, 100, 100_000), tasks: whole('grid-tasks', 100_000, 1_000, 20_000_000) };
const threads = whole('threads', availableParallelism(), 1, 256);
const picture = given('picture') ?? path.join(tmpdir(), `heap-verification-${size.nodes}-${seed}.svg`);

setPriority(whole('nice', 10, 0, 19));
const began = performance.now();
const first = headline(size);
const parts = (given('parts') ?? 'headline,rings,grid').split(',');
const more = parts.includes('grid') ? grid(small) : [];
const clever = parts.includes('rings') ? stress(small) : [];
const runs = [...first, ...clever, ...more];
let shown = 0;
const rows = await inThreads(runs, threads, (count) => {
  if (performance.now() - shown < 1_000) return;
  shown = performance.now();
  process.stderr.write(`\r${count} of ${runs.length} runs `);
});
process.stderr.write('\r');

const of_first = rows.slice(0, first.length);
const of_clever = rows.slice(first.length, first.length + clever.length);
const of_grid = rows.slice(first.length + clever.length);
writeFileSync(picture, pictureOf(of_first));

const ours_now = ours(of_first);
const peer = peers(of_first);
const held = holds(of_first);
const short = ({ rule, greed, sleepers, rejoin, plan, leaves_after, ...row }: Row) => ({
  ...{ rule, greed, sleepers, rejoin, plan, leaves_after },
  ...{ wrong: row.wrong, wrong_by_hardware: row.wrong_by_hardware, executions: row.executions },
  ...{ reference_executions: row.reference_executions, honest_banned: row.honest_banned, cheaters_banned: row.cheaters_banned },
});
const levels = ['L1', 'L2', 'L3'] as const;
const report = {
  sim: 'verification',
  config: { ...size, grid: more.length > 0 ? small : null, hardware_errors_of_results: 1e-3 },
  ours: ours_now,
  peer,
  ratio: { boinc_to_l1: peer.boinc.wrong / ours_now.l1, voting_to_l2: peer.voting.wrong / ours_now.l2 },
  holds: held,
  worst: levels.map((level) => short(worst(of_first.filter(({ rule }) => rule === level)))),
  worst_of_clever_rings: clever.length > 0 ? levels.map((level) => short(worst(of_clever.filter(({ rule }) => rule === level)))) : null,
  rows: of_first.map(short),
  grid: more.length > 0 ? table(of_grid) : null,
  took_s: Math.round((performance.now() - began) / 100) / 10,
  picture,
};
if (process.argv.includes('--json')) console.log(JSON.stringify(report));
else {
  console.log(JSON.stringify({ ...report, rows: undefined, grid: undefined }, null, 2));
  if (report.grid) console.log(`\n${asText(report.grid)}`);
}
process.exitCode = Object.values(held).every(Boolean) ? 0 : 1;
