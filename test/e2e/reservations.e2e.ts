import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';

const root = path.resolve(import.meta.dirname, '../../..');
const GB = 1_000_000_000;

let broker: TestBroker;
let dev: TestPerson;
let owner: TestPerson;
let agent: TestAgent;
let home: string;

beforeAll(async () => {
  broker = await startBroker();
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'heap home '));
  [dev, owner] = [await broker.person({ name: 'Dev' }), await broker.person({ name: 'Olga', funds_micro: 0n })];
  agent = await startTestAgent(broker, owner, {
    kept: {
      standing: [{ slot_class: 'micro', count: 2, reserve_price_micro: 6_000n }],
      storage: [{ storage_class: 'cold', bytes: 500 * GB, reserve_price_micro: null }],
    },
  });
});
afterAll(async () => {
  await agent?.close();
  await broker?.close();
  fs.rmSync(home, { recursive: true, force: true });
});

async function heap(person: TestPerson, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [path.join(root, 'dist/apps/cli/src/main.js'), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: home, HEAP_URL: broker.url, HEAP_API_KEY: person.api_key },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { code, out, err };
}

async function leased(id: string, units: number): Promise<void> {
  const has = async () => (await dev.heap.reservation(id).get()).leased;
  for (const until = Date.now() + 40_000; Date.now() < until && (await has()) !== units; ) await sleep(20);
  expect(await has()).toBe(units);
}

test('an owner allots slots and bytes and consents; a developer reserves them, sees what they cost, and gives them up', async () => {
  // Standing slots are for services, which nobody has consented to before.
  const shy = await heap(owner, 'offer');
  expect(shy.out).toContain('standing:micro');
  expect(shy.out).toContain('heap rules --consent services');
  const refused = await heap(dev, 'reserve', 'standing:micro', '--hours', '2', '--estimate', '--json');
  expect(JSON.parse(refused.out)).toMatchObject({ quantity_now: 0, reason: { code: 'denied_by_owner' } });
  expect((await heap(owner, 'rules', '--consent', 'services')).code).toBe(0);

  const estimate = await heap(dev, 'reserve', 'standing:micro', '--quantity', '2', '--hours', '3', '--estimate');
  expect(estimate.out).toContain('Now: 0.006 ');
  expect(estimate.out).toContain('2 of the 2 slots would be leased at once.');
  // Without a terminal nobody can be asked.
  const unasked = await heap(dev, 'reserve', 'standing:micro', '--hours', '3');
  expect([unasked.code, unasked.err]).toEqual([2, expect.stringContaining('--yes')]);

  const placed = await heap(dev, 'reserve', 'standing:micro', '--quantity', '2', '--hours', '3', '--name', 'web', '--yes', '--json');
  const { id, budget_micro } = JSON.parse(placed.out);
  // Twice the present price for two slots and three hours, and some micro-units for rounding.
  expect(Number(budget_micro)).toBeGreaterThanOrEqual(72_000);
  expect(Number(budget_micro)).toBeLessThan(72_010);
  await leased(id, 2);
  const shown = await heap(dev, 'reservations', id);
  expect(shown.out).toContain('"web" in standing:micro: RUNNING');
  expect(shown.out).toContain('Has 2 slots.');
  expect((await heap(dev, 'reservations')).out).toContain('2/2 slots');
  expect((await heap(owner, 'leases', '--kept')).out).toContain(dev.person_id);

  // The market says what was paid, and its receipt recomputes.
  const { out: markets } = await heap(dev, 'market', '--json');
  expect(JSON.parse(markets)).toEqual(
    expect.arrayContaining([expect.objectContaining({ market: 'standing:micro', price_micro: '6000', slots_free: 0 })]),
  );
  expect((await heap(dev, 'market', 'storage:cold')).out).toContain('GB-month');
  const verified = await heap(dev, 'round', 'verify', '--class', 'standing:micro');
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('the receipt holds')]);

  const storage = await dev.heap.reserve({ market: 'storage:cold', quantity: 100, months: 1 });
  await leased(storage.id, 100);
  expect((await owner.heap.keptOffers()).find((offer) => offer.market === 'storage:cold')).toMatchObject({ quantity: 500, free: 400 });

  const over = await heap(dev, 'reservations', id, '--cancel', '--json');
  expect(JSON.parse(over.out)).toMatchObject({ state: 'CANCELLED', leased: 0, held_micro: '0' });
  expect((await dev.heap.reservation(storage.id).cancel()).state).toBe('CANCELLED');
  expect(await broker.broken()).toEqual([]);

  // A price of the owner's own for this device, and the device taken back while somebody holds a slot.
  expect((await heap(owner, 'offer', agent.node_id, '--kept-price', 'standing:micro=0.009')).out).toContain('0.009 per slot-hour');
  const again = await dev.heap.reserve({ market: 'standing:micro', hours: 1 });
  await leased(again.id, 1);
  await agent.hold();
  await leased(again.id, 0);
  expect((await dev.heap.reservation(again.id).get()).leases[0]?.reason?.code).toBe('owner_yield');
});
