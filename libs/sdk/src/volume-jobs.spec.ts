import { inspect } from 'node:util';
import { FakeHeap } from '../../../test/support/fake-heap.js';
import { Heap } from './heap.js';
import { fromVolume } from './volume-input.js';

let fake: FakeHeap;
let heap: Heap;
beforeEach(async () => {
  fake = await FakeHeap.start();
  heap = new Heap({ url: fake.url, apiKey: fake.api_key });
  await heap.volumes.create({ class: 'small', maxPrice: 1n, budget: 1n });
});
afterEach(() => fake.close());
const code = (code: string) => expect.objectContaining({ code });

test('files of volumes are inputs, whole or in part, beside others', async () => {
  const numbers = await heap.put('[1,2,3]');
  const root = await heap.mkdir();
  await heap.put('say [40,2] and no more', { into: `${root}/long.txt` });
  const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
  const inputs = [fromVolume(numbers), [5], fromVolume(`${root}/long.txt`, { range: { offset: 4, bytes: 6 } })];
  expect(await heap.map(sum, inputs as number[][]).values()).toEqual([6, 5, 42]);
});

test('outputs go into a volume, and are named by their capabilities', async () => {
  const results = await heap.map((n: number) => n * n, [2, 3], { outputs: {} }).all();
  const capabilities = results.map(({ capability }) => capability ?? '');
  expect(await Promise.all(capabilities.map((capability) => heap.get(capability).text()))).toEqual(['4', '9']);
  const [plain] = await heap.map((n: number) => n, [1]).all();
  expect(plain?.capability).toBeNull();
});

test('a task that fails has no output to keep', async () => {
  const fail = () => {
    throw new Error('no');
  };
  const [result] = await heap.map(fail, [1], { outputs: {}, onTaskError: 'yield' }).all();
  expect(result).toMatchObject({ capability: null, error: { code: 'task_failed' } });
});

test('without the volume nothing is placed', async () => {
  await expect(heap.map((n: number) => n, [1], { outputs: { volume: 'nowhere' } }).all()).rejects.toThrow(code('no_such_volume'));
  expect(fake.asked('placeJob')).toHaveLength(0);
});

test('a file of a job comes from a volume, too', async () => {
  const capability = await heap.put('a model');
  const files = { 'data/model.bin': fromVolume(capability), 'b.txt': 'B' };
  await heap.map((n: number) => n, [1], { files }).all();
  const placed = fake.asked('placeJob').map(({ body }) => (body as { view: { files: object[] } }).view.files);
  expect(placed.at(-1)).toMatchObject([
    { path: 'data/model.bin', bytes: 7 },
    { path: 'b.txt', bytes: 1 },
  ]);
});

test('what stands for a file shows nobody the capability, and is no part of an input', async () => {
  const capability = await heap.put('1');
  const input = fromVolume(capability);
  expect(inspect(input, { depth: 9, showHidden: true })).not.toContain(capability.slice(8));
  expect(() => JSON.stringify({ input })).toThrow('whole input');
  await expect(heap.map((x: unknown) => x, [{ input }]).all()).rejects.toThrow(code('bad_input'));
});
