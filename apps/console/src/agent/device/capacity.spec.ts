import { slotsOf } from './capacity.js';

test.each([
  ['half the cores of a phone, as far as its memory goes', 8, 0.5, 4, 'phone', 4],
  ['one slot at least', 1, 0.5, 8, 'phone', 1],
  ['no more than a little memory holds', 8, 1, 1, 'phone', 1],
  ['no more than a page can hold', 64, 1, 32, 'laptop', 8],
  ['of a phone that does not tell its memory', 8, 1, null, 'phone', 2],
  ['of a laptop that does not tell its memory', 16, 0.5, null, 'laptop', 4],
  ['none of the cores is still one slot', 8, 0, 8, 'laptop', 1],
] as const)('%s', (_, cores, share, memory_gib, kind, count) => {
  expect(slotsOf(cores, share, memory_gib, kind)).toEqual([{ slot_class: 'micro', count, reserve_price_micro: null }]);
});
