import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { startBroker, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { HOUR_US, host, Keeper, leased, reserved, slots, until } from '../../../../test/support/reservations.js';
import { createApp } from '../app.js';

let broker: TestBroker;
let owner: TestPerson;
let ann: TestPerson;
const processes: NestFastifyApplication[] = [];

/** A process that does nothing but lead markets. */
async function market(): Promise<NestFastifyApplication> {
  const app = await createApp({ ...broker.config, roles: ['market'], port: 0 });
  await app.listen(0, '127.0.0.1');
  processes.push(app);
  return app;
}

beforeAll(async () => {
  broker = await startBroker({ HEAP_ROLES: 'api,gateway,worker' });
  [owner, ann] = [await host(broker), await broker.person()];
});
afterAll(async () => {
  for (const app of processes) await app.close();
  await broker?.close();
});

test('another process takes the markets of kept goods over: the lease goes on, is renewed and charged once', async () => {
  const first = await market();
  const keeper = await Keeper.join(broker, owner, slots(1));
  const id = await reserved(ann);
  await until('the lease', ann, id, leased(1));
  const epochs = () => broker.sql<{ epoch: bigint }>("SELECT epoch FROM market_leader WHERE market = 'standing:micro'");
  const [before] = await epochs();
  await market();
  await keeper.pass(HOUR_US);
  await first.close();
  processes.shift();
  // Whoever renews it and whoever charges it do not wait for each other.
  const renewed = await until(
    'the renewal by the other, and the charge',
    ann,
    id,
    ({ leases, charged_micro }) => leases[0]?.renewals === 1 && charged_micro !== '0',
  );
  expect(renewed).toMatchObject({ leased: 1, charged_micro: '5000' });
  expect(renewed.leases).toHaveLength(1);
  const [after] = await epochs();
  expect(after?.epoch).toBeGreaterThan(before?.epoch ?? 0n);
  const rounds = await broker.sql<{ number: bigint }>("SELECT number FROM round WHERE market = 'standing:micro' ORDER BY number");
  expect(rounds.map((round) => Number(round.number))).toEqual(rounds.map((_, i) => i + 1));
  expect(await broker.broken()).toEqual([]);
  await keeper.bye();
});
