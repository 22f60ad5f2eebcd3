import { deletions } from './storage/deletion.js';
import { StorageHeap } from './storage/heap.js';
import { pictureOf } from './storage/picture.js';
import { estimateLoss } from './storage/splitting.js';
import { asText, keeps, lossTable } from './storage/table.js';
import { WORLD } from './storage/world.js';

const size = { class: 'standard', segments: 500, nodes: 300, seed: 3, years: 0.5, budget_a_day: 0.5 } as const;

test('a slice of a heap loses nothing, repairs as much as the design says, and is the same for the same seed', () => {
  const year = new StorageHeap(size, WORLD).run();
  expect(year).toMatchObject({ lost: 0, events: 2, placements_short: 0 });
  expect(year.repairs).toBeGreaterThan(size.segments);
  expect(year.repair_a_month).toBeGreaterThan(3.4 / 3);
  expect(year.repair_a_month).toBeLessThan(3.4 * 3);
  expect(year.readable_new).toBeGreaterThan(0.999999);
  expect(year.least_live.reduce((sum, count) => sum + count, 0)).toBe(size.segments);
  expect(new StorageHeap(size, WORLD).run()).toEqual(year);
  expect(new StorageHeap({ ...size, seed: 4 }, WORLD).run()).not.toEqual(year);
});

test('without deaths and events nothing is repaired; phones that are away too long come back to their pieces', () => {
  const quiet = { ...WORLD, mean_life_h: 1e12, events_a_year: 0, skips_day: 0.3 };
  const year = new StorageHeap({ ...size, years: 0.2 }, quiet).run();
  expect(year).toMatchObject({ lost: 0, events: 0 });
  expect(year.returned).toBeGreaterThan(50);
  expect(year.least_live[40]).toBe(size.segments);
});

test('a budget that is too small postpones repairs, but not those that cannot wait', () => {
  const poor = new StorageHeap({ ...size, budget_a_day: 0.02 }, { ...WORLD, event_share: 0.3 }).run();
  expect(poor.sweeps_over_budget).toBeGreaterThan(50);
  expect(poor.beyond_budget).toBeGreaterThan(0);
  expect(poor.lost).toBe(0);
});

test('splitting comes to what the whole heap shows where both can see', () => {
  const world = { ...WORLD, mean_life_h: 30 * 24 };
  const { falls } = estimateLoss('small', world, { years: 60, trials: 500, repeats: 2, seed: 5 });
  const heap = new StorageHeap({ ...size, class: 'small', segments: 1_000, years: 1 }, world).run();
  const rate = falls.find(({ live }) => live === 3)?.a_year as number;
  const seen = heap.least_live.slice(0, 4).reduce((sum, count) => sum + count, 0) / 1_000;
  // The chance of at least one fall in a year.
  const expected = 1 - Math.exp(-rate);
  expect(seen / expected).toBeGreaterThan(0.4);
  expect(seen / expected).toBeLessThan(2.5);
});

test('a small table of losses keeps to the design, and is drawn', () => {
  const rows = lossTable({ years: 10, trials: 150, repeats: 2, seed: 2 }, ['standard']);
  expect(rows.map(({ event_share }) => event_share)).toEqual([0.2, 0.3]);
  expect(keeps(rows).traffic).toBe(true);
  expect(rows[0]?.annual_loss).toBeLessThan(1e-7);
  expect(rows[1]?.annual_loss).toBeGreaterThan(rows[0]?.annual_loss as number);
  expect(asText(rows).split('\n')).toHaveLength(3);
  const heap = new StorageHeap({ ...size, years: 0.1 }, WORLD).run();
  expect(pictureOf(rows, size, heap)).toMatch(/^<svg [\s\S]*standard, 30 % events[\s\S]*<\/svg>\n$/);
});

test('a piece that is deleted in secret is found within three days, and each is audited once in 48 hours', () => {
  const found = deletions(7, 1_000, 0);
  expect(found.by_audit_h).toBeLessThanOrEqual(72);
  expect(found.by_absence_h).toBe(0);
  expect(found.longest_gap_h).toBeLessThanOrEqual(48);
});

test('phones that skip days are audited when they are back, or are missing', () => {
  const found = deletions(8, 1_000, 0.1);
  expect(found.by_absence_h).toBeLessThanOrEqual(72 + 24);
  expect(found.by_audit_h).toBeLessThanOrEqual(44 + 72 + 24);
});
