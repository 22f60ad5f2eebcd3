import { parse } from 'node:path';
import { StatementsService } from '../../apps/broker/src/statements/statements.service.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { balancesOf, earn, giveBack, releaseAll } from './earn.js';

let broker: TestBroker;
let developer: TestPerson;
let owner: TestPerson;
const month = new Date().toISOString().slice(0, 7);
beforeAll(async () => {
  broker = await startBroker({
    HEAP_HOLDBACK_SECONDS: '86400',
    HEAP_ISSUER_NAME: '=Heap & Söhne',
    HEAP_ISSUER_ADDRESS: '1 Example Street\\n10115 Berlin',
    HEAP_ISSUER_TAX_ID: 'DE123456789',
    HEAP_TAX_BASIS_POINTS: '1900',
    HEAP_TAX_NOTE: 'Reverse charge: the recipient owes the tax.',
  });
  developer = await broker.person({ name: 'Dev', funds_micro: 50_000_000n });
  owner = await broker.person({ name: 'Owner', funds_micro: 0n });
  await earn(broker, { owner, developer }, 7_777_777n, 9_000_000n);
  const { job_id } = await earn(broker, { owner, developer }, 2_000_001n);
  await giveBack(broker, job_id);
  await releaseAll(broker);
  await owner.call('POST', '/v1/payouts', { amount_micro: '3000000', password: owner.password }, { 'idempotency-key': 'p' });
  const { deposits } = (await developer.call('GET', '/v1/deposits')).body;
  await developer.call('POST', `/v1/deposits/${deposits[0].deposit_id}/refunds`, { amount_micro: '1000000' }, { 'idempotency-key': 'r' });
});
afterAll(() => broker?.close());

const ofOwner = new Set(['2100', '2110', '2120', '2130', '2140', '2150']);
/** What the ledger says a person has, by the part of their statements; debts count against it. */
async function position(person: TestPerson, part: 'developer' | 'owner'): Promise<bigint> {
  const entries = Object.entries(await balancesOf(broker, person));
  return entries.filter(([code]) => ofOwner.has(code) === (part === 'owner')).reduce((sum, [, amount]) => sum + amount, 0n);
}
const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n);

test.each(['developer', 'owner'] as const)('opening + lines = closing = the ledger, to the micro-unit: %s', async (part) => {
  const person = part === 'owner' ? owner : developer;
  const { status, body } = await person.call('GET', `/v1/statements/${part}-${month}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ part, month, number: null, opening_micro: '0', issuer: { tax_id: 'DE123456789' } });
  expect(sum(body.lines.map((line: { amount_micro: string }) => line.amount_micro))).toBe(BigInt(body.closing_micro));
  expect(BigInt(body.closing_micro)).toBe(await position(person, part));
  const kinds = body.lines.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual(
    part === 'owner' ? ['capture', 'capture', 'refund', 'payout.confirmed'] : ['deposit', 'capture', 'capture', 'refund', 'deposit.refund'],
  );
});

test('charges are what the journal took, less what went back, and contain the tax', async () => {
  const { body } = await developer.call('GET', `/v1/statements/developer-${month}`);
  expect(body).toMatchObject({ taxable_micro: '7777777', tax_micro: String((7_777_777n * 1900n) / 11_900n) });
});

test('spending by day and by job sums to the same total, which is what the statement says', async () => {
  const { body } = await developer.call('GET', '/v1/spending');
  expect(body.total).toEqual({ charged_micro: '9777778', refunded_micro: '2000001', promo_micro: '0' });
  for (const parts of [body.days, body.jobs])
    for (const name of ['charged_micro', 'refunded_micro', 'promo_micro'])
      expect(sum(parts.map((row: Record<string, string>) => row[name]))).toBe(BigInt(body.total[name]));
  expect(body.jobs).toHaveLength(2);
  expect((await developer.call('GET', '/v1/spending?from=2020-01-01&to=2020-02-01')).body).toMatchObject({
    days: [],
    jobs: [],
    total: { charged_micro: '0' },
  });
});

test('as CSV it has every line, amounts without a sign, and no formula', async () => {
  const answer = await developer.call('GET', `/v1/statements/developer-${month}/csv`);
  expect(answer.headers.get('content-type')).toContain('text/csv');
  const lines = String(answer.body).trimEnd().split('\r\n');
  expect(lines[0]).toBe('statement,day,text,subject,currency,in,out');
  expect(lines).toHaveLength(1 + 2 + 5);
  expect(lines.every((line) => !/(^|,)[=+@-]/.test(line))).toBe(true);
});

test('as PDF it is a PDF', async () => {
  const response = await fetch(`${broker.url}/v1/statements/owner-${month}/pdf`, { headers: { authorization: `Bearer ${owner.api_key}` } });
  expect(response.headers.get('content-type')).toBe('application/pdf');
  expect(parse(/filename="(.*)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? '')).toMatchObject({
    name: `owner-${month}`,
    ext: '.pdf',
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
  expect(bytes.subarray(-6).toString()).toContain('%%EOF');
});

test("statements are their person's alone", async () => {
  expect(await owner.call('GET', `/v1/statements/developer-${month}`)).toMatchObject({
    status: 404,
    body: { code: 'statement.not_found' },
  });
  expect((await owner.call('GET', '/v1/statements')).body.statements).toMatchObject([{ part: 'owner', number: null }]);
});

test('a month that is over becomes numbered documents, once each and without a gap, however many write at once', async () => {
  await broker.sql(`ALTER TABLE journal DISABLE TRIGGER ALL`);
  // Not the last month: that has no documents before the first hour of this one is over.
  await broker.sql(`UPDATE journal SET created_at = created_at - interval '2 months'`);
  await broker.sql(`ALTER TABLE journal ENABLE TRIGGER ALL`);
  const statements = broker.app.get(StatementsService);
  await Promise.all(Array.from({ length: 6 }, () => statements.writeDue()));
  expect(await statements.writeDue()).toBe(0);
  const rows = await broker.sql<{ number: string }>('SELECT number FROM statement ORDER BY number');
  const [year] = rows[0]?.number.split('-').slice(1) ?? [];
  expect(rows.map(({ number }) => number)).toEqual([`OH-${year}-000001`, `OH-${year}-000002`]);
  const { statements: listed } = (await owner.call('GET', '/v1/statements')).body;
  expect(listed).toHaveLength(1);
  const number = listed[0].number;
  expect((await owner.call('GET', `/v1/statements/${number}`)).body).toMatchObject({ number, part: 'owner', opening_micro: '0' });
  // The next month begins where this one ended.
  await earn(broker, { owner, developer }, 1_000n);
  const next = (await owner.call('GET', `/v1/statements/owner-${month}`)).body;
  expect(next.opening_micro).toBe(listed[0].closing_micro);
});
