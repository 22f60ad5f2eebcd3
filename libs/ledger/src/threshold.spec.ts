import fc from 'fast-check';
import { type Outlook, reachedAt } from './threshold.js';

const DAY = 86_400_000;
const nothing: Outlook = { now_ms: 0, payable: 0n, releases: [], per_day: 0n, held_ms: 3 * DAY };

test.each<[string, bigint, Partial<Outlook>, number | null]>([
  ['it is there', 10n, { payable: 10n }, 0],
  ['nothing comes', 10n, { payable: 9n }, null],
  [
    'the second release fills it',
    10n,
    {
      payable: 1n,
      releases: [
        { at_ms: 2 * DAY, amount: 5n },
        { at_ms: DAY, amount: 4n },
      ],
    },
    2 * DAY,
  ],
  ['releases are not enough', 10n, { releases: [{ at_ms: DAY, amount: 9n }] }, null],
  ['new earnings fill it, after their holdback', 10n, { per_day: 5n }, 5 * DAY],
  ['releases and new earnings together', 10n, { releases: [{ at_ms: DAY, amount: 5n }], per_day: 5n }, 4 * DAY],
  ['a late release comes after new earnings filled it', 10n, { releases: [{ at_ms: 9 * DAY, amount: 5n }], per_day: 5n }, 5 * DAY],
  ['a late release fills what earnings had not', 10n, { releases: [{ at_ms: 4 * DAY, amount: 5n }], per_day: 5n }, 4 * DAY],
  ['a release that is due already', 10n, { releases: [{ at_ms: -DAY, amount: 10n }] }, 0],
])('%s', (_, need, outlook, at_ms) => {
  expect(reachedAt(need, { ...nothing, ...outlook })).toBe(at_ms);
});

test('it is the first time at which enough is payable', () => {
  const have = (o: Outlook, t: number) =>
    o.payable +
    o.releases.reduce((sum, r) => sum + (r.at_ms <= t ? r.amount : 0n), 0n) +
    (o.per_day * BigInt(Math.max(0, t - o.now_ms - o.held_ms))) / BigInt(DAY);
  const outlook = fc.record({
    now_ms: fc.constant(0),
    payable: fc.bigInt(0n, 1000n),
    releases: fc.array(fc.record({ at_ms: fc.integer({ min: 0, max: 40 * DAY }), amount: fc.bigInt(0n, 500n) }), { maxLength: 6 }),
    per_day: fc.bigInt(0n, 50n),
    held_ms: fc.integer({ min: 0, max: 30 * DAY }),
  });
  fc.assert(
    fc.property(outlook, fc.bigInt(1n, 3000n), (o, need) => {
      const at_ms = reachedAt(need, o);
      if (at_ms === null) return o.per_day === 0n && have(o, 1e15) < need;
      return have(o, at_ms) >= need && (at_ms === 0 || have(o, at_ms - 1) < need);
    }),
    { seed: 20_261_129, numRuns: 2_000 },
  );
});
