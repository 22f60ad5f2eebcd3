import { affordable, type Means } from './kept-bid.js';

const HOUR_US = 3_600_000_000n;
const means = (more: Partial<Means> = {}): Means => ({
  market: 'standing:micro',
  wanted: 2,
  min_quantity: 1,
  held: 0,
  max_price_micro: 5_000n,
  left_micro: 100_000n,
  left_us: null,
  day: null,
  ...more,
});
const MINUTE_US = HOUR_US / 60n;

test.each<[string, Partial<Means>, ReturnType<typeof affordable>]>([
  ['a whole term', {}, { units: 2, term_us: HOUR_US }],
  ['exactly a whole term', { left_micro: 10_002n }, { units: 2, term_us: HOUR_US }],
  ['half a term of all it wants', { left_micro: 5_002n }, { units: 2, term_us: HOUR_US / 2n }],
  ['one unit where two are too dear for the shortest term', { left_micro: 2n + 84n }, { units: 1, term_us: MINUTE_US }],
  ['nothing where it takes no fewer than two', { left_micro: 2n + 84n, min_quantity: 2 }, 'budget_exhausted'],
  [
    'one more where it holds one of its two already',
    { left_micro: 1n + 84n, wanted: 1, held: 1, min_quantity: 2 },
    { units: 1, term_us: 60_480_000n },
  ],
  ['nothing for nothing', { left_micro: 0n }, 'budget_exhausted'],
  ['the rest of its hours', { left_us: 2n * MINUTE_US }, { units: 2, term_us: 2n * MINUTE_US }],
  ['nothing when its hours are as good as over', { left_us: MINUTE_US - 1n }, 'hours_over'],
  ['what the day pays for', { day: { left_micro: 10_000n, left_us: 9n * HOUR_US } }, { units: 2, term_us: HOUR_US }],
  ['nothing when the day does not pay for it', { day: { left_micro: 9_999n, left_us: 9n * HOUR_US } }, 'day_cap'],
  ['the part of a term that falls into the day', { day: { left_micro: 1_000n, left_us: HOUR_US / 10n } }, { units: 2, term_us: HOUR_US }],
])('%s', (_, more, expected) => {
  expect(affordable(means(more), HOUR_US)).toEqual(expected);
});
