import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession, resultOf } from '../support/fake-node.js';
import { echoModule, order, placed } from '../support/orders.js';

let broker: TestBroker;
let ada: TestPerson;
let bea: TestPerson;
let module_hash: string;
let session: FakeSession;
beforeAll(async () => {
  broker = await startBroker();
  [ada, bea] = [await broker.person({ name: 'Ada' }), await broker.person({ name: 'Bea' })];
  module_hash = await echoModule(broker, ada);
});
afterAll(async () => {
  session?.send('bye', { code: 'over' });
  await session?.closed;
  await broker?.close();
});

test("of a developer's own jobs the higher priority gets the slot first, and none goes before another developer's for it", async () => {
  // All are there before the slot is. Bea pays as much as Ada and came first; her priority is of her own jobs only.
  const first = await placed(bea, module_hash, { priority: -100 });
  const low = await placed(ada, module_hash, { priority: -1 });
  const high = await placed(ada, module_hash, { priority: 100 });
  const names = new Map([
    [first.id, 'first'],
    [low.id, 'low'],
    [high.id, 'high'],
  ]);
  session = await (await FakeNode.enrol(broker, await broker.person({ name: 'Owner' }))).online();
  const served: (string | undefined)[] = [];
  for (const _ of names) {
    const [task] = await session.tasks();
    if (!task) throw new Error('an empty delivery');
    served.push(names.get(task.lease.job_id));
    session.results(task, resultOf(task, 'one'));
    await session.next('results.ack');
  }
  expect(served).toEqual(['first', 'high', 'low']);
  expect((await ada.heap.job(high.id).get()).order.priority).toBe(100);
  expect(await broker.broken()).toEqual([]);
});

test('a priority outside of the range is refused', async () => {
  const { status, body } = await order(ada, module_hash, { priority: 101 });
  expect([status, body.code]).toEqual([400, 'invalid_input']);
});
