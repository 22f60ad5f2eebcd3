/**
 * `npm run sim:storage -- --json [--segments=100000] [--class=standard] [--seed=1] [--events=0.2] [--years=20] [--trials=800] [--repeats=3]
 * [--parts=heap,table,doubts] [--nice=10] [--picture=file.svg]`
 *
 * `libs/placement` decides where pieces go and when segments are repaired, twice. A heap is simulated whole, every piece of every segment, for a year: what
 * it loses, and how near to loss its segments come. And single segments are followed by splitting down to losses that no simulation could wait for: the
 * table of storage.md. Prints one JSON object, or the figures and the table; the same arguments give the same figures but for `took_s`. Ends with 1 if a
 * promise does not hold.
 */
import { writeFileSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { VOLUME_CLASSES } from '#units';
import { deletions } from './storage/deletion.js';
import { StorageHeap } from './storage/heap.js';
import { pictureOf } from './storage/picture.js';
import { asLine, asText, doubts, keeps, lossTable } from './storage/table.js';
import { WORLD } from './storage/world.js';

const given = (name: string): string | undefined =>
  process.argv.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);

function number(name: string, otherwise: number, least: number, most: number, whole = true): number {
  const value = Number(given(name) ?? otherwise);
  if ((!whole || Number.isInteger(value)) && value >= least && value <= most) return value;
  console.error(`--${name} is a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
  process.exit(2);
}

const volume_class = VOLUME_CLASSES.find((of) => of === (given('class') ?? 'standard'));
if (!volume_class) {
  console.error(`--class is one of ${VOLUME_CLASSES.join(', ')}.`);
  process.exit(2);
}
const seed = number('seed', 1, 0, 2 ** 31 - 1);
const segments = number('segments', 100_000, 100, 1_000_000);
const event_share = number('events', 0.2, 0, 0.9, false);
const splitting = {
  years: number('years', 20, 1, 10_000),
  trials: number('trials', 800, 100, 1_000_000),
  repeats: number('repeats', 3, 2, 100),
  seed,
};
const parts = (given('parts') ?? 'heap,table,doubts').split(',');
const picture = given('picture') ?? path.join(tmpdir(), `heap-storage-${segments}-${seed}.svg`);
const BUDGET_A_DAY = 0.5;

setPriority(number('nice', 10, 0, 19));
const began = performance.now();
const took = (): number => Math.round((performance.now() - began) / 100) / 10;
const told = (line: string): void => console.error(`${took()} s  ${line}`);

const size = {
  ...{ class: volume_class, segments, seed, years: 1, budget_a_day: BUDGET_A_DAY },
  nodes: Math.max(300, Math.round(segments / 10)),
};
const heap = parts.includes('heap') ? new StorageHeap(size, { ...WORLD, event_share }).run() : null;
const heap_s = took();
if (heap) told(`${heap.lost} of ${segments} lost`);
const rows = parts.includes('table') ? lossTable(splitting, VOLUME_CLASSES, (row) => told(asLine(row))) : null;
const wrong = parts.includes('doubts')
  ? doubts(splitting, ({ what, annual_loss }) => told(`${annual_loss.toExponential(1)} where ${what}`))
  : null;
const secret = deletions(seed, 2_000, 0);

const kept = rows && keeps(rows);
const holds = {
  ...(heap ? { heap_lost_nothing: heap.lost === 0 } : {}),
  ...(kept ? { loss_within_3: kept.loss, traffic_within_3: kept.traffic } : {}),
  deletion_found_within_3_days: secret.by_audit_h <= 72,
};
if (heap && rows) writeFileSync(picture, pictureOf(rows, size, heap));
const report = {
  sim: 'storage',
  config: { ...size, world: { ...WORLD, event_share }, splitting },
  heap: heap && {
    ...heap,
    least_live: heap.least_live.flatMap((count, live) => (count > 0 ? [{ live, segments: count }] : [])),
    took_s: heap_s,
  },
  table: rows,
  doubts: wrong,
  secret_deletion: secret,
  holds,
  took_s: took(),
  picture: heap && rows ? picture : null,
};
if (process.argv.includes('--json')) console.log(JSON.stringify(report));
else {
  console.log(JSON.stringify({ ...report, table: undefined }, null, 2));
  if (rows) console.log(`\n${asText(rows)}`);
}
process.exitCode = Object.values(holds).every(Boolean) ? 0 : 1;
