import { setTimeout as wait } from 'node:timers/promises';
import { formatCapability, parseCapability } from '#erasure';
import { FakeHeap, type FakeHeapOptions } from '../../../test/support/fake-heap.js';
import { weaken } from './directories.js';
import { Heap } from './heap.js';
import type { PutProgress } from './put.js';

let fake: FakeHeap;
let heap: Heap;
async function start(options: FakeHeapOptions = {}, volume_class: 'small' | 'standard' = 'small'): Promise<void> {
  fake = await FakeHeap.start(options);
  heap = another();
  await heap.volumes.create({ name: 'default', class: volume_class, maxPrice: '0.01', budget: '1' });
}
const another = () => new Heap({ url: fake.url, apiKey: fake.api_key, retries: 2 });
afterEach(() => fake?.close());

const MIB = 1024 * 1024;
const code = (code: string) => expect.objectContaining({ code });
/** Bytes that no two places have in common. */
function sample(length: number, salt = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = salt;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
async function* streamed(bytes: Uint8Array, chunk = 100_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
}
const same = (one: Uint8Array, other: Uint8Array) => Buffer.compare(one, other) === 0;
const spoil = (piece: Uint8Array | undefined) => piece?.set([(piece[7] as number) ^ 1], 7);
const pieces = () => fake.asked('putPiece').map(({ params }) => `${params.ordinal}/${params.index}`);

describe('a file', () => {
  test.each([0, 1, 1_000, 40_000])('of %d bytes is what it was', async (length) => {
    await start();
    const bytes = sample(length);
    const capability = await heap.put(bytes);
    expect(capability).toMatch(/^heap-r1:/);
    expect(same(await heap.get(capability).bytes(), bytes)).toBe(true);
    expect(await heap.get(capability).size()).toBe(length);
    expect(fake.asked('commitFile')).toHaveLength(1);
  });

  test('of several segments is streamed in and out, and read in part', async () => {
    await start();
    const bytes = sample(17 * MIB);
    const seen: PutProgress[] = [];
    const capability = await heap.put(streamed(bytes), { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({ bytes: bytes.length, total: null, phase: 'storing', waits: null });
    expect(seen.every(({ bytes }, i) => i === 0 || bytes >= (seen[i - 1]?.bytes ?? 0))).toBe(true);
    let at = 0;
    let told = 0;
    for await (const part of heap.get(capability, { onProgress: ({ bytes }) => (told = bytes) })) {
      expect(same(part, bytes.subarray(at, at + part.length))).toBe(true);
      at += part.length;
    }
    expect([at, told]).toEqual([bytes.length, bytes.length]);
    const middle = await heap.get(capability, { range: { offset: 16 * MIB - 5, bytes: 10 } }).bytes();
    expect(same(middle, bytes.subarray(16 * MIB - 5, 16 * MIB + 5))).toBe(true);
    const reader = heap.get(capability).stream().getReader();
    expect((await reader.read()).value).toHaveLength(16 * MIB);
    await reader.cancel();
  });

  test('text and blobs are sources', async () => {
    await start();
    expect(await heap.get(await heap.put('Größe')).text()).toBe('Größe');
    expect(await heap.get(await heap.put(new Blob(['ab', 'cd']))).text()).toBe('abcd');
  });

  test('its pieces say nothing of it', async () => {
    await start();
    await heap.put('a canary '.repeat(1_000));
    for (const { bytes } of fake.volumes.files.values())
      for (const piece of bytes.values()) expect(Buffer.from(piece).includes('canary')).toBe(false);
  });
});

describe('reading', () => {
  test('takes other pieces for those of devices that are away, and for those that are wrong', async () => {
    await start();
    const bytes = sample(300_000);
    const capability = await heap.put(bytes);
    fake.volumes.away.add('0/0').add('0/1').add('0/9');
    const file = [...fake.volumes.files.values()][0];
    spoil(file?.bytes.get('0/2'));
    file?.bytes.set('0/3', new Uint8Array(3));
    const wrong: number[] = [];
    let replaced = 0;
    const read = await heap
      .get(capability, { onWrong: (_, index) => wrong.push(index), onProgress: (progress) => (replaced = progress.replaced) })
      .bytes();
    expect(same(read, bytes)).toBe(true);
    expect(wrong.sort()).toEqual([2, 3]);
    expect(replaced).toBe(4);
  });

  test('waits for devices that come back', async () => {
    await start();
    const capability = await heap.put('patience');
    for (let index = 0; index < 8; index++) fake.volumes.away.add(`0/${index}`);
    const reading = heap.get(capability).text();
    await wait(50);
    fake.volumes.away.clear();
    expect(await reading).toBe('patience');
  });

  test('ends with its signal', async () => {
    await start();
    const capability = await heap.put('patience');
    for (let index = 0; index < 10; index++) fake.volumes.away.add(`0/${index}`);
    const stop = new AbortController();
    const reading = heap.get(capability, { signal: stop.signal }).text();
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(reading).rejects.toThrow('enough');
  });

  test('needs the key, and a file', async () => {
    await start();
    const capability = await heap.put('secret');
    await expect(heap.get(await weaken(capability, 'verify')).text()).rejects.toThrow(code('capability.too_weak'));
    await expect(heap.get(await heap.mkdir()).text()).rejects.toThrow(code('not_a_file'));
    const file = parseCapability(capability);
    if (file.target !== 'file' || file.level !== 'read') throw new TypeError('another capability');
    await expect(heap.get(formatCapability({ ...file, key: new Uint8Array(32) })).text()).rejects.toThrow(
      code('erasure.segment_unreadable'),
    );
  });

  test('of a deleted file says so', async () => {
    await start();
    const capability = await heap.put('x');
    expect((await heap.rm(await weaken(capability, 'verify'))).state).toBe('DELETED');
    expect((await heap.check(capability)).sentence).toContain('Its owner deleted it.');
  });
});

describe('an upload', () => {
  test('that broke off goes on where it was, with the same pieces', async () => {
    let failing = true;
    await start({
      fault: ({ name, params }) =>
        failing && name === 'putPiece' && params.ordinal === '1' && params.index === '4' ? { status: 400 } : undefined,
    });
    const bytes = sample(17 * MIB);
    let token = '';
    const tokens: string[] = [];
    const begun = heap.put(streamed(bytes), { onResumable: (text) => tokens.push(text) });
    await expect(begun).rejects.toThrow(code('injected'));
    token = tokens[0] ?? '';
    const before = new Set(pieces());
    failing = false;
    const capability = await another().put(streamed(bytes), { resume: token });
    expect(pieces().filter((piece) => piece.startsWith('0/'))).toHaveLength(10);
    expect(before.has('0/9')).toBe(true);
    expect(fake.asked('createFile')).toHaveLength(1);
    expect(same(await heap.get(capability).bytes(), bytes)).toBe(true);
  });

  test('of what has changed meanwhile is not gone on with, and none of it was sent', async () => {
    let failing = true;
    await start({ fault: ({ name }) => (failing && name === 'commitFile' ? { status: 400 } : undefined) });
    let token = '';
    await expect(
      heap.put('one text', {
        onResumable: (text) => {
          token = text;
        },
      }),
    ).rejects.toThrow(code('injected'));
    failing = false;
    const sent = pieces().length;
    await expect(heap.put('another!', { resume: token })).rejects.toThrow(code('source_changed'));
    expect(pieces()).toHaveLength(sent);
    await expect(heap.put('one text', { resume: token.slice(0, -9) })).rejects.toThrow(code('bad_resume_token'));
  });

  test('that was deleted meanwhile is not gone on with', async () => {
    await start();
    let token = '';
    const capability = await heap.put('x', {
      onResumable: (text) => {
        token = text;
      },
    });
    expect(await heap.put('x', { resume: token })).toBe(capability);
    await heap.rm(capability);
    await expect(heap.put('x', { resume: token })).rejects.toThrow(code('file_deleted'));
  });

  test('waits while the heap has no room, and says so', async () => {
    await start({
      fault: ({ name, params }, earlier) =>
        name === 'putPiece' && params.index === '5' && earlier < 12
          ? { status: 503, code: 'relay_full', headers: { 'retry-after': '0' } }
          : undefined,
    });
    const waits = new Set<string | null>();
    await heap.put('x', { onProgress: (progress) => waits.add(progress.waits) });
    expect([...waits]).toContain('An injected fault.');
    expect(pieces().filter((piece) => piece === '0/5').length).toBeGreaterThan(1);
  });

  test('leaves pieces without a device to the heap, and waits for devices when they are too few', async () => {
    await start({}, 'standard');
    fake.volumes.placed = (_, index) => (index < 12 ? 'PLANNED' : 'UNPLACED');
    await heap.put('twelve');
    expect(pieces()).toHaveLength(12);
    let asked = 0;
    fake.volumes.placed = (_, index) => (asked++ < 40 || index > 10 ? 'UNPLACED' : 'PLANNED');
    const waits = new Set<string | null>();
    await heap.put('none at first', { onProgress: (progress) => waits.add(progress.waits) });
    expect([...waits]).toContain('Segment 0 waits for devices: 0 of 10 pieces have one.');
    fake.volumes.placed = () => 'UNPLACED';
    await expect(heap.put('never', { patienceMs: 10 })).rejects.toThrow(code('put_incomplete'));
  });

  test('of class small brings the heap the pieces that it keeps itself', async () => {
    await start();
    fake.volumes.placed = (_, index) => (index === 1 ? 'PLANNED' : 'UNPLACED');
    const capability = await heap.put('small');
    expect(pieces().sort()).toEqual(['0/0', '0/1', '0/2']);
    expect(await heap.get(capability).text()).toBe('small');
  });

  test('is stored when the heap says so', async () => {
    await start();
    fake.volumes.commits_that_wait = 1;
    const seen: PutProgress[] = [];
    await heap.put('x', { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toMatchObject({ phase: 'storing', waits: 'Devices are fetching it.' });
  });

  test('sends no more pieces at a time than it was told', async () => {
    await start();
    let now = 0;
    let most = 0;
    const slow: typeof fetch = async (input, init) => {
      const piece = init?.method === 'PUT' && String(input).includes('/pieces/');
      most = Math.max(most, piece ? ++now : 0);
      try {
        if (piece) await wait(2);
        return await fetch(input, init);
      } finally {
        if (piece) now--;
      }
    };
    await new Heap({ url: fake.url, apiKey: fake.api_key, fetch: slow }).put('x', { parallel: 3 });
    expect(most).toBe(3);
  });

  test('goes into the volume that is meant', async () => {
    await start();
    const archive = await heap.volumes.create({ name: 'archive', class: 'small', maxPrice: 1n, budget: 1n });
    await heap.put('x', { volume: 'archive' });
    await heap.put('y', { volume: archive.id });
    expect(await heap.volumes.files('archive')).toHaveLength(2);
    await expect(heap.put('x', { volume: 'nowhere' })).rejects.toThrow(code('no_such_volume'));
    await heap.volumes.end('default');
    await heap.put('the only one');
    expect(await heap.volumes.files('archive')).toHaveLength(3);
    await heap.volumes.create({ name: 'other', class: 'small', maxPrice: 1n, budget: 1n });
    await expect(heap.put('x')).rejects.toThrow(code('which_volume'));
    for (const { id } of await heap.volumes.list()) await heap.volumes.end(id);
    await expect(heap.put('x')).rejects.toThrow(code('no_volume'));
    await expect(heap.put('x', { volume: archive.id })).rejects.toThrow(code('volume_ended'));
  });
});

describe('a check', () => {
  test('says what is there and what is missing, to a verify capability too', async () => {
    await start();
    const capability = await heap.put(sample(50_000));
    const well = await heap.check(capability);
    expect(well).toMatchObject({ healthy: true, genuine: true, segments: 1, pieces: { STORED: 10 }, missing: [] });
    expect(well.least).toEqual({ ordinal: 0, available: 10, above_repair: 3, above_k: 7 });
    const segment = [...fake.volumes.files.values()][0]?.segments[0];
    for (const index of [3, 4, 5, 6]) if (segment) segment.pieces[index] = index === 3 ? 'CORRUPT' : 'MISSING';
    const worse = await heap.check(await weaken(capability, 'verify'));
    expect(worse).toMatchObject({ healthy: true, pieces: { STORED: 6, CORRUPT: 1, MISSING: 3 }, least: { above_repair: -1, above_k: 3 } });
    expect(worse.missing[0]).toEqual({ ordinal: 0, index: 3, state: 'CORRUPT' });
    expect(worse.sentence).toContain('due for repair');
  });

  test('a deep one believes nobody', async () => {
    await start();
    const capability = await heap.put(sample(50_000));
    const file = [...fake.volumes.files.values()][0];
    spoil(file?.bytes.get('0/8'));
    for (let index = 0; index < 8; index++) fake.volumes.away.add(`0/${index}`);
    const report = await heap.check(await weaken(capability, 'verify'), { deep: true });
    expect(report).toMatchObject({ healthy: false, pieces: { STORED: 1, CORRUPT: 1, MISSING: 8 } });
    expect(report.sentence).toBe('The file cannot be read now: segment 0, which has the fewest, has 1 of 10 pieces, and 3 are needed.');
  });

  test('finds that another file is described', async () => {
    await start();
    const capability = await heap.put('one');
    await heap.put('two');
    const [one, two] = [...fake.volumes.files.values()];
    one?.segments.splice(0, 1, ...(two?.segments ?? []));
    expect(await heap.check(capability)).toMatchObject({ genuine: false, healthy: false });
  });
});

describe('directories', () => {
  test('hold files and directories, which are found by their path', async () => {
    await start();
    const root = await heap.mkdir();
    expect(root).toMatch(/^heap-w1:/);
    await heap.mkdir({ into: `${root}/letters` });
    const capability = await heap.put('Dear Ada', { into: `${root}/letters/first.txt` });
    const reader = await weaken(root, 'read');
    expect((await heap.ls(reader)).entries).toMatchObject([{ name: 'letters', kind: 'directory', access: 'read', bytes: null }]);
    expect((await heap.ls(`${root}/letters/`)).entries).toMatchObject([{ name: 'first.txt', kind: 'file', capability, bytes: 8 }]);
    expect(await heap.get(`${reader}/letters/first.txt`).text()).toBe('Dear Ada');
    await heap.link(`${root}/again`, `${reader}/letters/first.txt`);
    expect((await heap.ls(root)).entries).toMatchObject([
      { name: 'again', bytes: 8 },
      { name: 'letters', access: 'write' },
    ]);
    expect(await heap.unlink(`${root}/again`)).toBe(capability);
    expect((await heap.ls(root)).version).toBe(4);
  });

  test('are not written by who may read', async () => {
    await start();
    const root = await heap.mkdir();
    await heap.put('x', { into: `${root}/x` });
    const reader = await weaken(root, 'read');
    await expect(heap.put('x', { into: `${reader}/y` })).rejects.toThrow(code('not_writable'));
    await expect(heap.unlink(`${reader}/x`)).rejects.toThrow(code('not_writable'));
    await expect(heap.ls(await weaken(root, 'verify'))).rejects.toThrow(code('capability.too_weak'));
    await expect(weaken(await weaken(root, 'verify'), 'read')).rejects.toThrow(code('capability.too_weak'));
    await expect(heap.put('x', { into: root })).rejects.toThrow(code('no_name'));
    const files = fake.volumes.files.size;
    await expect(heap.put('again', { into: `${root}/x` })).rejects.toThrow(code('name_taken'));
    expect(fake.volumes.files.size).toBe(files);
    await expect(heap.get(`${reader}/y`).text()).rejects.toThrow(code('no_such_name'));
    await expect(heap.ls(`${reader}/x`)).rejects.toThrow(code('not_a_directory'));
    await expect(heap.mkdir({ into: `${root}/a\u0000b` })).rejects.toThrow(code('directory.name_invalid'));
  });

  test('whoever changes one at the same time loses nothing', async () => {
    await start();
    const root = await heap.mkdir();
    const file = await heap.put('x');
    await Promise.all(Array.from({ length: 5 }, (_, i) => another().link(`${root}/${i}`, file)));
    expect((await heap.ls(root)).entries.map(({ name }) => name)).toEqual(['0', '1', '2', '3', '4']);
    expect((await heap.ls(root)).version).toBe(6);
  });

  test('a change whose answer got lost is made once', async () => {
    await start({ fault: ({ name }, earlier) => (name === 'putDirectory' && earlier === 1 ? 'drop-after' : undefined) });
    const root = await heap.mkdir();
    await heap.link(`${root}/x`, await heap.put('x'));
    expect((await heap.ls(root)).version).toBe(2);
  });

  test('an older version than was seen is found out', async () => {
    await start();
    const root = await heap.mkdir();
    const [id, old] = [...fake.volumes.directories][0] as [string, { version: number; sealed: string }];
    await heap.mkdir({ into: `${root}/a` });
    await heap.ls(root);
    fake.volumes.directories.set(id, old);
    await expect(heap.ls(root)).rejects.toThrow(code('directory.rolled_back'));
  });
});
