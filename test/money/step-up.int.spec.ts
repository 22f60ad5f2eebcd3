import { randomUUID } from 'node:crypto';
import { bootstrapLocal } from '../../apps/broker/src/bootstrap-local.js';
import { PayoutSchedule } from '../../apps/broker/src/payouts/payout-schedule.service.js';
import { call } from '../support/api.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { earn, release } from './support.js';

let broker: TestBroker;
let payer: TestPerson;
beforeAll(async () => {
  broker = await startBroker({ HEAP_ROLES: 'api', HEAP_HOLDBACK_SECONDS: '0' });
  payer = await broker.person({ name: 'Payer', funds_micro: 100_000_000n });
});
afterAll(() => broker?.close());

async function earner(): Promise<TestPerson> {
  const owner = await broker.person({ name: 'Own', funds_micro: 0n });
  await earn(broker, owner, payer, 10_000_000n);
  await release(broker);
  return owner;
}
const key = () => ({ 'idempotency-key': randomUUID() });
const signInAgo = (person: TestPerson, minutes: number) =>
  broker.sql('UPDATE session SET created_at = now() - make_interval(mins => $2) WHERE person_id = $1', [person.person_id, minutes]);

test.each([
  ['a payout', 'POST', '/v1/payouts', {}, 201],
  ['payout terms', 'PUT', '/v1/payout-terms', { schedule: 'weekly' }, 200],
  ['the account and bank that are paid', 'POST', '/v1/payout-account', {}, 200],
] as const)('%s: a key alone is not enough; the password is, and so is a sign-in of this moment', async (_, method, path, body, status) => {
  const owner = await earner();
  expect((await owner.call(method, path, body, key())).body).toMatchObject({
    status: 403,
    code: 'step_up.forbidden',
    detail: expect.stringContaining('within 10 minutes'),
  });
  expect((await owner.call(method, path, { ...body, password: 'wrong' }, key())).body.code).toBe('step_up.forbidden');
  const inSession = (more = {}) => call(broker.url, method, path, { token: owner.token, body: { ...body, ...more }, headers: key() });
  await signInAgo(owner, 11);
  expect((await inSession()).body.code).toBe('step_up.forbidden');
  await signInAgo(owner, 9);
  // A wrong password is not made good by the session.
  expect((await inSession({ password: 'wrong' })).body.code).toBe('step_up.forbidden');
  expect((await inSession()).status).toBe(status);
  const other = await earner();
  expect((await other.call(method, path, { ...body, password: other.password }, key())).status).toBe(status);
});

test('who has no password, as the person at this machine, is paid simulated money with the key alone', async () => {
  const { api_key, person_id } = await bootstrapLocal(broker.config, { email: 'root@this-machine.invalid', name: 'root' });
  const local = { person_id } as TestPerson;
  await earn(broker, local, payer, 5_000_000n);
  await release(broker);
  const { status, body } = await call(broker.url, 'POST', '/v1/payouts', { token: api_key, body: {}, headers: key() });
  expect([status, body]).toMatchObject([201, { state: 'PAID', amount_micro: '4500000', simulated: true }]);
});

test('a new password makes payouts wait for 72 hours, also one that was under way, and then they go on by themselves', async () => {
  const owner = await earner();
  const fresh = 'another correct horse';
  const changed = await call(broker.url, 'POST', '/api/auth/change-password', {
    token: owner.token,
    body: { currentPassword: owner.password, newPassword: fresh },
  });
  expect(changed.status).toBe(200);
  const { status, body } = await owner.call('POST', '/v1/payouts', { password: fresh }, key());
  expect([status, body.state, body.reason.code]).toEqual([201, 'REQUESTED', 'credentials_new']);
  expect(body.reason.sentence).toContain('3 days');
  const tend = () => broker.app.get(PayoutSchedule).tend();
  const age = (hours: number) =>
    broker.sql('UPDATE person SET credentials_changed_at = now() - make_interval(hours => $2) WHERE id = $1', [owner.person_id, hours]);
  await age(71);
  await tend();
  const state = async () => (await owner.call('GET', `/v1/payouts/${body.payout_id}`)).body.state;
  expect(await state()).toBe('REQUESTED');
  await age(72);
  await tend();
  expect(await state()).toBe('PAID');
  expect(await broker.broken()).toEqual([]);
});

test('signing up is no change; another address is one', async () => {
  const person = await broker.person({ funds_micro: 0n });
  const changed = async () =>
    (await broker.sql<{ at: Date | null }>('SELECT credentials_changed_at AS at FROM person WHERE id = $1', [person.person_id]))[0]?.at;
  expect(await changed()).toBeNull();
  await broker.sql('UPDATE person SET name = name WHERE id = $1', [person.person_id]);
  expect(await changed()).toBeNull();
  await broker.sql('UPDATE person SET email = $2 WHERE id = $1', [person.person_id, `${randomUUID()}@example.org`]);
  expect(await changed()).toEqual(expect.any(Date));
});
