import { readFileSync } from 'node:fs';
import { DATABASE, workload } from '../programs/sql-workload.js';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';

let broker: TestBroker;
let developer: TestPerson;
let agents: TestAgent[] = [];
beforeAll(async () => {
  broker = await startBroker();
  developer = await broker.person({ name: 'Dev' });
  const owner = await broker.person({ name: 'Owner', funds_micro: 0n });
  agents = [await startTestAgent(broker, owner), await startTestAgent(broker, owner)];
});
afterAll(async () => {
  for (const agent of agents) await agent.close();
  await broker?.close();
});

/** What Node.js comes to by itself, and browsers too: test/programs and test/browser hold both to these figures. */
const written = JSON.parse(readFileSync('test/programs/expected.json', 'utf8')).programs['cpp/sql'];

test('a database of the size of a real one costs and prints the same on every device', async () => {
  const { heap } = developer;
  const module = readFileSync('test/programs/cpp/sql.wasm');
  const { sql, printed } = workload(DATABASE.seed, DATABASE.orders);
  const tasks = 24;
  const run = heap.map<Uint8Array>({ module }, Array<string>(tasks).fill(sql), { slots: 2, fuelLimit: 10_000_000_000 });
  const results = await run.all();
  const job = heap.job((await run.job).id);

  expect(new Set(results.map(({ node }) => node))).toEqual(new Set(agents.map(({ node_id }) => node_id)));
  for (const result of results) expect(Buffer.from(result.value).toString()).toBe(printed);
  const [listed] = await heap.modules();
  const evidence = results.map(({ verdict, fuel_used, output_hash }) => ({ verdict, fuel_used: String(fuel_used), output_hash }));
  const { metered_hash, ...once } = written;
  expect(evidence).toEqual(Array(tasks).fill(once));
  expect(listed).toMatchObject({ metered_hash, bytes: module.length });

  // The same work at the same price: the lines of the receipt differ in the number of tasks alone.
  const receipt = await job.receipt();
  expect(receipt.lines.reduce((sum, line) => sum + line.tasks, 0)).toBe(tasks);
  const each = new Set(receipt.lines.map((line) => BigInt(line.fuel) / BigInt(line.tasks)));
  expect(each.size).toBe(1);
  for (const line of receipt.lines) expect(BigInt(line.fuel) % BigInt(line.tasks)).toBe(0n);
  expect(new Set(receipt.lines.map((line) => line.price_micro)).size).toBe(1);
  expect(await broker.broken()).toEqual([]);
});
