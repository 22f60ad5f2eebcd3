import { createHash } from 'node:crypto';
import { clear, DEFAULT_RULES, makeReceipt, type Offer, type Order } from '#auction';
import { checkRound, type ToldRound } from './check-round.js';

const attributes = { region: 'de', kind: 'phone', speed: 3, labels: [], trust: 1 } as const;
const offers: Offer[] = [2, 3, 5].map((price, i) => ({
  ...{ id: `n${i}`, owner: `ann${i}`, market: 'work:micro', slots: 1, arrival: i, attributes },
  reserve_price: BigInt(price),
}));
const orders: Order[] = [9, 6].map((price, i) => ({
  ...{ id: `j${i}`, buyer: `dev${i}`, market: 'work:micro', quantity: 1, arrival: i, workload_class: 'general', constraints: {} },
  max_price: BigInt(price),
}));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function told(): ToldRound {
  const input = { offers, orders, rules: DEFAULT_RULES };
  const receipt = makeReceipt(
    {
      round_id: 'r2',
      market: 'work:micro',
      cleared_at: '2026-11-30T09:00:00.000Z',
      input,
      clearing: clear(input),
      previous_hash: 'b'.repeat(64),
    },
    sha256,
  );
  return {
    id: 'r2',
    market: 'work:micro',
    number: 2,
    cleared_at: '2026-11-30T09:00:00.000Z',
    receipt: JSON.parse(JSON.stringify(receipt)),
    hash: receipt.hash,
    previous_hash: 'b'.repeat(64),
  };
}
const before = { number: 1, hash: 'b'.repeat(64) };
type Row = Record<string, unknown>;
interface Body extends Record<string, unknown> {
  inputs: { offers: Row[]; orders: Row[] };
  outputs: { assignments: Row[] };
}
const bodyOf = (round: ToldRound): Body => (round.receipt as { body: Body }).body;
const states = (round: ToldRound, after: typeof before | null = before) => checkRound(round, after).map(({ state }) => state);

test('a round that was not touched holds in every step', () => {
  expect(bodyOf(told()).outputs.assignments).toHaveLength(2);
  expect(states(told())).toEqual(['holds', 'holds', 'holds', 'holds', 'holds', 'holds']);
});

test.each<[string, (round: ToldRound) => void, string]>([
  ['other rules', (round) => Object.assign(bodyOf(round), { version: 'mine-1' }), 'version'],
  ['no receipt', (round) => Object.assign(round, { receipt: {} }), 'version'],
  ['another number', (round) => Object.assign(round, { number: 3 }), 'chain'],
  ['a cheaper bid', (round) => Object.assign(bodyOf(round).inputs.orders[0] as Row, { max_price: '1' }), 'marks'],
  ['a bid left out', (round) => bodyOf(round).inputs.orders.pop(), 'marks'],
  ['a dearer price', (round) => Object.assign(bodyOf(round).outputs.assignments[0] as Row, { price: '8' }), 'clearing'],
  ['a friend served first', (round) => Object.assign(bodyOf(round).outputs.assignments[0] as Row, { offer_id: 'n2' }), 'clearing'],
  ['another hash', (round) => Object.assign(round.receipt, { hash: 'c'.repeat(64) }), 'hash'],
  ['another time beside it', (round) => Object.assign(round, { cleared_at: '2026-11-30T09:00:01.000Z' }), 'said'],
  ['another hash beside it', (round) => Object.assign(round, { hash: 'c'.repeat(64) }), 'said'],
])('%s is caught, and where', (_, tamper, step) => {
  const round = told();
  tamper(round);
  const found = checkRound(round, before).find(({ state }) => state === 'broken');
  expect(found?.name).toBe(step);
  expect(found?.broken?.at).toBeTruthy();
});

test('a round that hides the one before it is caught', () => {
  expect(checkRound(told(), null)[1]).toMatchObject({ state: 'broken', broken: { at: 'number' } });
  expect(states(told(), { number: 1, hash: 'd'.repeat(64) })).toEqual(['holds', 'broken', ...Array(4).fill('not_reached')]);
});
