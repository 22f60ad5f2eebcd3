import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { FakeHeap } from '../../../test/support/fake-heap.js';

const bundled = build({
  entryPoints: [fileURLToPath(new URL('./index.js', import.meta.url))],
  bundle: true,
  write: false,
  format: 'iife',
  globalName: 'sdk',
  platform: 'browser',
  logLevel: 'silent',
});

/** What a page has, and nothing of Node.js. */
const page = () =>
  createContext({
    ...{ fetch, Response, Headers, URL, URLSearchParams, ReadableStream, TextEncoder, TextDecoder, AbortController, AbortSignal, crypto },
    ...{ setTimeout, clearTimeout, setInterval, clearInterval, btoa, atob, performance, Blob, Uint8Array, ArrayBuffer, Error, TypeError },
  });

test('the bundle for a browser needs no Node.js module', async () => {
  const { outputFiles, warnings } = await bundled;
  expect(warnings).toEqual([]);
  expect(outputFiles[0]?.text).not.toMatch(/require\(\s*["']|from\s*["']node:/);
});

test('and works where there is only what a page has', async () => {
  const fake = await FakeHeap.start();
  try {
    const context = page();
    runInContext((await bundled).outputFiles[0]?.text ?? '', context);
    const script = `new sdk.Heap(${JSON.stringify({ url: fake.url, apiKey: fake.api_key })}).map((s) => s + '!', ['a', 'ü', 'x'.repeat(40000)]).values()`;
    expect(await runInContext(script, context)).toHaveLength(3);
    expect([...fake.jobs.values()][0]?.outcomes.map((o) => o.state)).toEqual(['DONE', 'DONE', 'DONE']);
    expect(fake.asked('putBlob')).toHaveLength(1);
    expect(() => runInContext('new sdk.Heap()', context)).toThrow('No heap is known here');
  } finally {
    await fake.close();
  }
});

test('files are encrypted and read there, too', async () => {
  const fake = await FakeHeap.start();
  try {
    const context = page();
    runInContext((await bundled).outputFiles[0]?.text ?? '', context);
    const script = `(async () => {
      const heap = new sdk.Heap(${JSON.stringify({ url: fake.url, apiKey: fake.api_key })});
      await heap.volumes.create({ class: 'small', maxPrice: 1n, budget: 1n });
      const directory = await heap.mkdir();
      await heap.put(new Blob(['from a page']), { into: directory + '/page.txt' });
      return heap.get(directory + '/page.txt').text();
    })()`;
    expect(await runInContext(script, context)).toBe('from a page');
  } finally {
    await fake.close();
  }
});
