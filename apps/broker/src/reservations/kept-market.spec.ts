import { leastFirst } from './kept-market.js';

test('who has the least of what it wants bids first, so that those that lack no more than a reserve keep nobody out', () => {
  const row = (id: string, held: number, quantity: number, arrival: number) => ({ id, held, quantity, arrival: BigInt(arrival) });
  const rows = [row('nearly all', 10, 12, 1), row('half', 24, 48, 2), row('nothing', 0, 12, 4), row('nothing, earlier', 0, 48, 3)];
  expect(leastFirst(rows).map(({ id }) => id)).toEqual(['nothing, earlier', 'nothing', 'half', 'nearly all']);
});
