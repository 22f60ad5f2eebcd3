import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';

let broker: TestBroker;
let person: TestPerson;
beforeAll(async () => {
  broker = await startBroker();
  person = await broker.person({ funds_micro: 0n });
});
afterAll(() => broker?.close());

/** One command line with somebody's key. */
async function commanded(url: string, who: TestPerson, args: readonly string[]) {
  const env = { ...process.env, HEAP_URL: url, HEAP_API_KEY: who.api_key };
  const heap = path.resolve(import.meta.dirname, '../../../apps/cli/bin/heap.mjs');
  const child = spawn(process.execPath, [heap, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [exit_code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { exit_code: exit_code as number, stdout, stderr };
}

test('simulated money comes at once, goes back, and says everywhere that it is not real', async () => {
  const { heap } = person;
  const deposit = await heap.deposit('5.00');
  expect(deposit).toMatchObject({ state: 'SUCCEEDED', simulated: true, url: null, amount_micro: 5_000_000n });
  expect(await heap.deposits()).toEqual([deposit]);
  expect(await heap.refund(deposit.deposit_id, '2.00')).toMatchObject({ state: 'SUCCEEDED', simulated: true, amount_micro: 2_000_000n });
  expect(await heap.refund(deposit.deposit_id)).toMatchObject({ amount_micro: 3_000_000n });
  await expect(heap.refund(deposit.deposit_id)).rejects.toMatchObject({ code: 'refund.conflict' });
  expect(await heap.refunds()).toHaveLength(2);
  expect((await heap.balance()).developer.available_micro).toBe(0n);
  expect(await broker.broken()).toEqual([]);
});

test('a top-up and payout terms are set and kept', async () => {
  const { heap } = person;
  expect(await heap.topUp()).toMatchObject({ enabled: false, reason: { code: 'off' } });
  const terms = { below: '1.00', amount: '2.00', monthlyCap: '10.00' };
  expect(await heap.setTopUp(terms)).toMatchObject({ enabled: true, amount_micro: 2_000_000n, monthly_cap_micro: 10_000_000n });
  expect(await heap.setTopUp(null)).toMatchObject({ enabled: false });
  expect(await heap.setPayoutTerms({ schedule: 'monthly', minimum: '3.00', password: person.password })).toMatchObject({
    schedule: 'monthly',
    minimum_micro: 3_000_000n,
  });
  expect(await heap.payoutTerms()).toMatchObject({ next_at: expect.stringMatching(/-01T00:00:00/) });
  await expect(heap.setPayoutTerms({ schedule: 'daily', minimum: '0.01' })).rejects.toMatchObject({ code: 'invalid_input' });
});

test('nothing is to be proved for simulated payouts, and nothing earned is nothing paid', async () => {
  const { heap, password } = person;
  expect(await heap.payoutAccount()).toMatchObject({ identity: 'none', simulated: true });
  await expect(heap.openPayoutAccount()).rejects.toMatchObject({ code: 'step_up.forbidden', fault: 'user' });
  expect(await heap.openPayoutAccount({ password })).toMatchObject({
    url: null,
    account: { identity: 'active', reason: { code: 'simulated' } },
  });
  await expect(heap.payout({ password })).rejects.toMatchObject({ code: 'payout.nothing.conflict', fault: 'owner' });
  expect(await heap.payouts()).toEqual([]);
});

test('an admin makes a campaign and a partner, a developer redeems, and everybody sees it in words', async () => {
  const admin = await broker.person({ name: 'Root', funds_micro: 0n, roles: ['admin', 'developer', 'owner'] });
  const developer = await broker.person({ name: 'Dev', funds_micro: 0n, roles: ['developer', 'owner'] });
  const as = (who: TestPerson, ...args: string[]) => commanded(broker.url, who, args);
  const ends = new Date(Date.now() + 86_400_000).toISOString();
  const made = await as(admin, 'admin', 'campaign', 'HELLO', '--name', 'Hello', '--amount', '5', '--budget', '10', '--ends', ends);
  expect(made).toMatchObject({ exit_code: 0, stdout: expect.stringContaining('HELLO is taken until') });
  expect((await as(developer, 'promo', 'hello')).stdout).toContain('Hello: 5.00 USD (simulated) of 5.00 USD (simulated) left');
  expect((await developer.heap.balance()).developer.promo_micro).toBe(5_000_000n);
  expect(await developer.heap.promos()).toMatchObject([{ campaign: 'Hello', left_micro: 5_000_000n }]);
  expect(await admin.heap.admin.campaigns()).toMatchObject([{ code: 'HELLO', granted_micro: 5_000_000n }]);
  expect(await developer.heap.spending()).toMatchObject({ days: [], total: { charged_micro: 0n } });
  const [statement] = await developer.heap.statements();
  expect(statement).toMatchObject({ part: 'developer', number: null, closing_micro: 5_000_000n });
  expect((await as(developer, 'statements', statement?.statement_id ?? '')).stdout).toContain('Promotional money');
  expect(Buffer.from(await developer.heap.statementFile(statement?.statement_id ?? '', 'csv')).toString()).toContain('Promotional money');
  await admin.heap.admin.createPartner(developer.email, 'A school');
  await as(admin, 'admin', 'link', developer.person_id, 'school', '--name', 'Club', '--share', '2500');
  expect((await as(developer, 'partner')).stdout).toMatch(/school\s+25 %\s+0/);
  const journal = await as(admin, 'admin', 'journal', '--because', 'Own money of the operator.', '--entry', '1030=5', '--entry', '3000=-5');
  const id = journal.stdout.split(' ')[0] ?? '';
  expect(await as(admin, 'admin', 'approve', id)).toMatchObject({
    exit_code: expect.any(Number),
    stderr: expect.stringContaining('yourself'),
  });
  const second = await broker.person({ name: 'Second', funds_micro: 0n, roles: ['admin'] });
  expect((await as(second, 'admin', 'approve', id)).stdout).toContain('APPROVED');
  expect((await second.heap.admin.log())[0]).toMatchObject({ action: 'journal.approve', subject: id });
  await broker.broken();
  expect(await as(second, 'admin', 'solvency')).toMatchObject({ exit_code: 0, stdout: expect.stringContaining('30 invariants hold.') });
  expect((await as(developer, 'admin', 'solvency')).stderr).toContain('admins');
}, 240_000);
