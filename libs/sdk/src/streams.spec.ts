import { setTimeout as sleep } from 'node:timers/promises';
import { type Chunk, chunked } from './chunks.js';
import { mapOrdered } from './ordered.js';

async function* stream<T>(items: Iterable<T>, pause_ms = 0): AsyncGenerator<T, void, void> {
  for (const item of items) {
    if (pause_ms) await sleep(pause_ms);
    yield item;
  }
}
const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
};
const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const LIMITS = { items: 4, bytes: 10, linger_ms: 5 };
const shape = (chunks: Chunk<unknown>[]) => chunks.map((c) => [c.first_index, c.items.length, c.last]);

describe('chunks', () => {
  test.each([
    ['nothing', 0, 1, [[0, 0, true]]],
    ['less than one', 3, 1, [[0, 3, true]]],
    [
      'exactly one',
      4,
      1,
      [
        [0, 4, false],
        [4, 0, true],
      ],
    ],
    [
      'by number',
      9,
      1,
      [
        [0, 4, false],
        [4, 4, false],
        [8, 1, true],
      ],
    ],
    [
      'by size',
      5,
      4,
      [
        [0, 2, false],
        [2, 2, false],
        [4, 1, true],
      ],
    ],
    [
      'each larger than the limit',
      2,
      99,
      [
        [0, 1, false],
        [1, 1, false],
        [2, 0, true],
      ],
    ],
  ])('%s', async (_, n, size, expected) => {
    const chunks = await collect(chunked(stream(range(n)), () => size, LIMITS));
    expect(shape(chunks)).toEqual(expected);
    expect(chunks.flatMap((c) => c.items)).toEqual(range(n));
  });

  test('a slow source does not wait for a full chunk', async () => {
    const chunks = await collect(chunked(stream(range(3), 25), () => 1, LIMITS));
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.flatMap((c) => c.items)).toEqual(range(3));
  });

  test('an item that was long in coming waits for no company; what came with it goes along', async () => {
    let bring: () => void = () => {};
    async function* pausing() {
      await new Promise<void>((resolve) => {
        bring = resolve;
      });
      yield* range(3);
      await new Promise(() => undefined);
    }
    const chunks = chunked(pausing(), () => 1, { ...LIMITS, linger_ms: 1 });
    const first = chunks.next();
    await sleep(20);
    const { setTimeout: later } = globalThis;
    let timers = 0;
    globalThis.setTimeout = ((...args: Parameters<typeof later>) => {
      timers += 1;
      return later(...args);
    }) as typeof later;
    bring();
    expect(shape([(await first).value as Chunk<number>])).toEqual([[0, 3, false]]);
    globalThis.setTimeout = later;
    expect(timers).toBe(0);
    await chunks.return();
  });

  test('leaving ends the source', async () => {
    let ended = false;
    async function* endless() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        ended = true;
      }
    }
    for await (const chunk of chunked(endless(), () => 1, LIMITS)) if (chunk.first_index > 8) break;
    await sleep(1);
    expect(ended).toBe(true);
  });

  test('the failure of the source is the failure of the chunks', async () => {
    async function* failing() {
      yield 1;
      throw new Error('no more');
    }
    await expect(collect(chunked(failing(), () => 1, LIMITS))).rejects.toThrow('no more');
  });
});

describe('mapOrdered', () => {
  test('keeps the order and the bound', async () => {
    let running = 0;
    let most = 0;
    const out = mapOrdered(stream(range(20)), 3, async (n) => {
      most = Math.max(most, ++running);
      await sleep(n % 3);
      running--;
      return n * 2;
    });
    expect(await collect(out)).toEqual(range(20).map((n) => n * 2));
    expect(most).toBe(3);
  });

  test('yields what is ready although the source waits', async () => {
    async function* stalls() {
      yield 1;
      await new Promise(() => undefined);
    }
    const out = mapOrdered(stalls(), 4, async (n) => n);
    expect((await out.next()).value).toBe(1);
    await out.return();
  });

  test('the first failure ends it', async () => {
    const out = mapOrdered(stream(range(5)), 2, async (n) => (n === 2 ? Promise.reject(new Error('two')) : n));
    await expect(collect(out)).rejects.toThrow('two');
  });
});
