import { createHash } from 'node:crypto';
import { canonical, firstByte } from './canonical.js';
import { clear } from './clear.js';
import { makeReceipt, type Receipt, verifyReceipt } from './receipt.js';
import { verifyChain } from './receipt-chain.js';
import type { Offer, Order } from './types.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const attributes = { region: 'eu', kind: 'phone' as const, speed: 5, labels: ['gpu'], trust: 0 };
const offers: Offer[] = [1n, 4n, 9n].map((reserve_price, i) => ({
  id: `n${i}`,
  owner: 'ann',
  market: 'work.micro',
  slots: 2,
  reserve_price,
  attributes,
  arrival: i,
  ...(i === 0 ? { rules: { deny_buyers: ['mallory'] } } : {}),
}));
const orders: Order[] = [
  { id: 'j0', buyer: 'dev', market: 'work.micro', quantity: 3, max_price: 8n, arrival: 0, constraints: { regions: ['eu'], min_speed: 2 } },
  {
    id: 'j1',
    buyer: 'mallory',
    market: 'work.micro',
    quantity: 2,
    max_price: 7n,
    arrival: 1,
    preferences: [{ prefer: { kinds: ['server'] }, weight: 1n }],
  },
];
const rules = { tick: 1n };

const receipt = (rows = { offers, orders }, previous_hash: string | null = null): Receipt =>
  makeReceipt(
    {
      round_id: 'r1',
      market: 'work.micro',
      cleared_at: '2026-01-01T00:00:00.000Z',
      input: { ...rows, rules },
      clearing: clear({ ...rows, rules }),
      previous_hash,
    },
    sha256,
  );
const stored = (value: Receipt): Receipt => JSON.parse(JSON.stringify(value)) as Receipt;

test('a receipt holds, also after a journey through JSON, and does not depend on the order of its rows', () => {
  expect(verifyReceipt(receipt(), sha256)).toEqual({ holds: true });
  expect(verifyReceipt(stored(receipt()), sha256, null)).toEqual({ holds: true });
  const turned = receipt({ offers: [...offers].reverse(), orders: [...orders].reverse() });
  expect(turned.hash).toBe(receipt().hash);
});

test('a chain is followed by the hash of the receipt before', () => {
  const first = receipt();
  const second = receipt(undefined, first.hash);
  expect(verifyReceipt(second, sha256, first.hash)).toEqual({ holds: true });
  expect(verifyReceipt(second, sha256, sha256('another'))).toMatchObject({ holds: false, at: 'previous_hash', found: `"${first.hash}"` });
});

describe('a chain of receipts', () => {
  const chain: Receipt[] = [];
  for (let i = 0; i < 4; i++) chain.push(receipt({ offers, orders: orders.slice(0, 1 + (i % 2)) }, chain.at(-1)?.hash ?? null));

  test('holds from its beginning, or from any receipt whose predecessor is known', () => {
    expect(verifyChain(chain, sha256)).toEqual({ holds: true, receipts: 4 });
    expect(verifyChain(chain.slice(2), sha256, (chain[1] as Receipt).hash)).toEqual({ holds: true, receipts: 2 });
    expect(verifyChain([], sha256)).toEqual({ holds: true, receipts: 0 });
  });

  test.each<[string, Receipt[], object]>([
    ['a receipt that is missing', [chain[0], chain[2]] as Receipt[], { index: 1, at: 'previous_hash' }],
    ['two that are turned round', [chain[1], chain[0]] as Receipt[], { index: 0, at: 'previous_hash' }],
    ['a beginning that is not the first', chain.slice(1), { index: 0, at: 'previous_hash' }],
    [
      'one that was rewritten with a hash of its own',
      [chain[0] as Receipt, receipt({ offers, orders: [] }, (chain[0] as Receipt).hash), ...chain.slice(2)],
      { index: 2, at: 'previous_hash' },
    ],
  ])('names %s', (_, receipts, expected) => {
    expect(verifyChain(receipts, sha256)).toMatchObject({ holds: false, round_id: 'r1', ...expected });
  });
});

test('a change names the member and the byte', () => {
  const { body, hash } = receipt();
  const text = canonical(body);
  const at = text.indexOf('"price":"4"') + '"price":"'.length;
  expect(at).toBeGreaterThan(10);
  const changed = `${text.slice(0, at)}5${text.slice(at + 1)}`;
  expect(verifyReceipt({ body: JSON.parse(changed) as Receipt['body'], hash }, sha256)).toMatchObject({
    holds: false,
    at: 'outputs.assignments[2].price',
    expected: '"4"',
    found: '"5"',
    byte: at,
  });
  expect(firstByte('aé€😀b', 'aé€😀c')).toBe(1 + 2 + 3 + 4);
});

type Path = (string | number)[];
test.each<[Path, unknown, string]>([
  [['outputs', 'assignments', 0, 'price'], '5', 'outputs.assignments[0].price'],
  [['outputs', 'assignments', 0, 'slots'], 1, 'outputs.assignments[0].slots'],
  [['outputs', 'prices', 0, 'sold'], 9, 'outputs.prices[0].sold'],
  [['outputs', 'unmatched_orders', 0, 'code'], 'outbid_', 'outputs.unmatched_orders[0].code'],
  [['inputs', 'orders', 1, 'max_price'], '70', 'inputs.orders[1].max_price'],
  [['inputs', 'orders', 0, 'max_price'], 'much', 'inputs.orders[0].max_price'],
  [['inputs', 'orders', 0, 'constraints', 'regions'], ['us'], 'inputs.orders[0].constraints.regions'],
  [['inputs', 'offers', 0, 'owner'], 'eve', 'inputs.offers[0].owner'],
  [['inputs', 'offers', 1, 'attributes', 'speed'], 6, 'inputs.offers[1].attributes.speed'],
  [['inputs', 'offers', 2, 'rules'], { deny_buyers: ['dev'] }, 'inputs.offers[2].rules.deny_buyers'],
  [['inputs', 'offers', 1], { id: 'n1' }, 'inputs.offers[1].arrival'],
  [['inputs', 'orders'], [], 'inputs.orders[0]'],
  [['inputs', 'rules', 'tick'], '2', 'inputs.rules.tick'],
  [['inputs'], null, 'inputs.rules'],
  [['marks', 'offers', 'rows'], '0', 'marks'],
  [['marks'], null, 'round_id'],
  [['round_id'], 'r2', 'round_id'],
  [['market'], 'work.nano', 'market'],
  [['cleared_at'], '2026-01-01T00:00:00.001Z', 'cleared_at'],
  [['previous_hash'], '0', 'previous_hash'],
  [['version'], 'openheaps-auction-0', 'version'],
  [['inputs', 'offers', 0, 'colour'], 'blue', 'inputs.offers[0].colour'],
])('a change at %p to %p is named', (path, value, at) => {
  const forged = stored(receipt());
  let target = forged.body as unknown as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) target = target[key] as Record<string | number, unknown>;
  target[path.at(-1) as string | number] = value;
  expect(verifyReceipt(forged, sha256)).toMatchObject({ holds: false, at });
});

test('a changed hash is named', () => {
  expect(verifyReceipt({ ...receipt(), hash: sha256('x') }, sha256)).toMatchObject({ holds: false, at: 'hash', found: sha256('x') });
});

test('every changed byte of the text is noticed', () => {
  const { body, hash } = receipt();
  const text = canonical(body);
  for (let i = 0; i < text.length; i += 7) {
    const changed = text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ 1 || 33) + text.slice(i + 1);
    let parsed: Receipt['body'];
    try {
      parsed = JSON.parse(changed) as Receipt['body'];
    } catch {
      continue;
    }
    expect(verifyReceipt({ body: parsed, hash }, sha256).holds).toBe(false);
  }
});

test.each([
  [{ b: 1, a: [true, null, 'é"'] }, '{"a":[true,null,"é\\""],"b":1}'],
  [{ price: 12n, gone: undefined }, '{"price":"12"}'],
  [[1.5, -0], '[1.5,0]'],
])('%p is written as %s', (value, text) => {
  expect(canonical(value)).toBe(text);
});

test('a number without a canonical form is refused', () => {
  expect(() => canonical([Number.NaN])).toThrow('no canonical form');
});
