import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { Heap } from '#sdk';
import { FakeHeap } from '../test/support/fake-heap.js';
import { PICTURE, render, tilesOf } from './mandelbrot/render.js';
import { analyse, merge, readingEase } from './words/analyse.js';
import { analyseFiles, ownDocuments, reportText } from './words/words.js';

const folder = mkdtempSync(join(tmpdir(), 'heap examples '));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the picture', () => {
  test('tiles cover every pixel once and fit the program', () => {
    const picture = { ...PICTURE, width: 1000, height: 700 };
    const seen = new Uint8Array(picture.width * picture.height);
    for (const { x, y, w, h } of tilesOf(picture)) {
      expect(w * h).toBeLessThanOrEqual(10_922);
      for (let row = y; row < y + h; row++)
        for (let column = x; column < x + w; column++) seen[row * picture.width + column] = (seen[row * picture.width + column] ?? 0) + 1;
    }
    expect(seen.every((times) => times === 1)).toBe(true);
    expect(tilesOf(PICTURE).length).toBeGreaterThanOrEqual(48);
  });

  test('tiles land where they belong', async () => {
    // Every pixel of a tile tells the tile's place.
    const program = (input: Uint8Array) => {
      const [x = 0, y = 0, w = 0, h = 0] = new TextDecoder().decode(input).split(' ').map(Number);
      return { output: new Uint8Array(w * h * 3).map((_, i) => [x, y, 7][i % 3] ?? 0) };
    };
    const fake = await FakeHeap.start({ program });
    try {
      const file = join(folder, 'new folder', 'picture.png');
      const picture = { ...PICTURE, width: 100, height: 70, tile_width: 32, tile_height: 32 };
      const arrived: number[] = [];
      const done = await render(new Heap({ url: fake.url, apiKey: fake.api_key }), picture, file, (n) => arrived.push(n));
      expect(done).toMatchObject({ tiles: 12, nodes: 1, cost: 36n });
      expect(arrived).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
      const { data, width, height } = PNG.sync.read(readFileSync(file));
      expect([width, height]).toEqual([100, 70]);
      const pixel = (x: number, y: number) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
      expect(pixel(0, 0)).toEqual([0, 0, 7, 255]);
      expect(pixel(99, 69)).toEqual([96, 64, 7, 255]);
      expect(pixel(63, 32)).toEqual([32, 32, 7, 255]);
    } finally {
      await fake.close();
    }
  });
});

describe('the words', () => {
  test('prose is counted, code and links are not', () => {
    const text =
      '# A title\n\nThe cat sat. The cat ran!\n\n```js\nconst cat = 1;\n```\n\n* See [the house](https://example.org/cat), `cat`.\n';
    expect(analyse({ name: 'a.md', text })).toEqual({
      name: 'a.md',
      words: 11,
      sentences: 4,
      syllables: 12,
      counts: { a: 1, title: 1, the: 3, cat: 2, sat: 1, ran: 1, see: 1, house: 1 },
    });
    expect(analyse({ name: 'empty', text: '' })).toMatchObject({ words: 0, sentences: 0 });
  });

  test('reading ease is Flesch’s', () => {
    expect(readingEase({ words: 100, sentences: 10, syllables: 130 })).toBeCloseTo(206.835 - 10.15 - 109.98);
    expect(readingEase({ words: 0, sentences: 0, syllables: 0 })).toBeNull();
  });

  test('words with the names of built-ins are words', () => {
    const one = analyse({ name: 'x', text: 'constructor prototype constructor' });
    expect(merge([one, one]).counts).toEqual({ constructor: 4, prototype: 2 });
  });

  test('over the project’s own documents', async () => {
    const files = await ownDocuments();
    expect(files.every((file) => existsSync(file) && !file.includes('node_modules'))).toBe(true);
    const fake = await FakeHeap.start();
    try {
      const report = await analyseFiles(new Heap({ url: fake.url, apiKey: fake.api_key }), files);
      expect(report.documents).toHaveLength(files.length);
      const text = reportText(report);
      expect(text).toContain('examples/README.md');
      expect(text).toMatch(/Most used of \d+ words: /);
    } finally {
      await fake.close();
    }
  });
});
