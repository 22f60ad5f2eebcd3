import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { NO_NOTES } from '#agent-core';
import { kernel, leafDigests, merkleRoot } from '#erasure';
import { DiskPieces } from './disk-pieces.js';
import { contentOf } from './testing/content.js';

const ID = '00000000-0000-7000-8000-0000000002ab';
const math = await kernel();
let dir = '';
let warned: string[] = [];
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'pieces '));
  warned = [];
});
afterEach(() => fs.rmSync(dir, { recursive: true }));

const open = () => new DiskPieces(dir, { warn: (_, sentence) => void warned.push(sentence) });
const file = (ending: string, piece_id = ID) => path.join(dir, 'pieces', piece_id.slice(-2), piece_id + ending);

async function keep(store: DiskPieces, piece_id = ID, data: Uint8Array = contentOf(piece_id)) {
  const facts = { piece_id, bytes: data.length, root: merkleRoot(math, data), keep_ms: 86_400_000, keep_until_ms: 1_790_000_000_000.5 };
  const draft = await store.draft(piece_id);
  await draft.write(data.subarray(0, 100));
  await draft.write(data.subarray(100));
  await draft.keep(facts, leafDigests(math, data));
  return facts;
}

test('keeps a piece with what belongs to it, over a restart', async () => {
  const facts = await keep(open());
  const store = open();
  expect(await store.list()).toEqual([facts]);
  const data = contentOf(ID);
  expect(Buffer.compare(await store.read(ID, 0, facts.bytes), data)).toBe(0);
  expect(Buffer.compare(await store.read(ID, facts.bytes - 3, 100), data.subarray(-3))).toBe(0);
  expect(Buffer.compare(await store.leaves(ID), leafDigests(math, data))).toBe(0);
  await store.renew(ID, 1_800_000_000_000);
  expect(await open().list()).toEqual([{ ...facts, keep_until_ms: 1_800_000_000_000 }]);
  expect(fs.statSync(file('.piece')).mode & 0o777).toBe(0o600);
  expect(warned).toEqual([]);
});

test('a device that keeps nothing has no folder for it', async () => {
  const store = open();
  expect(await store.list()).toEqual([]);
  expect(await store.free_bytes()).toBeGreaterThan(0);
  await store.keepNotes({ ...NO_NOTES, day: 3 });
  expect(await store.notes()).toEqual(NO_NOTES);
  expect(fs.readdirSync(dir)).toEqual([]);
});

test('a deleted piece is missing, and deleting it again is no error', async () => {
  const store = open();
  await keep(store);
  await store.delete(ID);
  await store.delete(ID);
  expect(await store.list()).toEqual([]);
  await expect(store.read(ID, 0, 1)).rejects.toMatchObject({ code: 'piece_missing' });
  await expect(store.leaves(ID)).rejects.toMatchObject({ code: 'piece_missing' });
});

test('what is not kept leaves nothing, and what is kept again replaces what was there', async () => {
  const store = open();
  const draft = await store.draft(ID);
  await draft.write(new Uint8Array(10_000));
  await draft.discard();
  expect(fs.readdirSync(path.join(dir, 'pieces', 'drafts'))).toEqual([]);
  await keep(store);
  const other = new Uint8Array(5_000).fill(7);
  await keep(store, ID, other);
  expect(await store.list()).toMatchObject([{ bytes: 5_000 }]);
  expect(Buffer.compare(await store.read(ID, 0, 10_000), other)).toBe(0);
});

test('halves of pieces that a crash left, and trees that are none, are swept away and cost no other piece', async () => {
  const other = ID.replace('ab', 'ac');
  const store = open();
  await keep(store);
  await keep(store, other);
  const third = ID.replace('2ab', '3ab');
  fs.writeFileSync(file('.piece', third), 'half');
  fs.writeFileSync(file('.tree', ID.replace('2ab', '4ab')), 'half');
  fs.writeFileSync(file('.tree', other), Buffer.alloc(64));
  const left = await store.draft(third);
  expect((await open().list()).map(({ piece_id }) => piece_id)).toEqual([ID]);
  expect(fs.readdirSync(path.join(dir, 'pieces')).sort()).toEqual(['ab', 'ac']);
  expect(fs.readdirSync(path.join(dir, 'pieces', 'ab'))).toHaveLength(2);
  expect(await open().list()).toHaveLength(1);
  await left.discard();
});

test.each(['../../../etc/passwd', `${ID}/../../x`, ID.toUpperCase(), '', '.'])('"%s" is no name of a piece', async (piece_id) => {
  const store = open();
  const uses: (() => Promise<unknown>)[] = [
    () => store.draft(piece_id),
    () => store.read(piece_id, 0, 1),
    () => store.leaves(piece_id),
    () => store.renew(piece_id, 1),
    () => store.delete(piece_id),
  ];
  for (const use of uses) await expect(Promise.resolve().then(use)).rejects.toMatchObject({ code: 'piece_id_invalid' });
  expect(fs.readdirSync(dir)).toEqual([]);
});

test('its notes survive, and damaged ones count as none', async () => {
  const store = open();
  await keep(store);
  const notes = { over_since_ms: 5, day: 20_000, moved_bytes: 1_000 };
  await store.keepNotes(notes);
  expect(await open().notes()).toEqual(notes);
  fs.writeFileSync(path.join(dir, 'pieces', 'notes.json'), '{"day":"x"}');
  expect(await open().notes()).toEqual(NO_NOTES);
});

test('an agent that is killed at any moment has every piece that it said it had, whole, and no other', async () => {
  const said = new Set<string>();
  for (let kill = 0; kill < 5; kill++) {
    const before = said.size;
    const writer = fork(fileURLToPath(new URL('./testing/keep-writing.js', import.meta.url)), [dir]);
    writer.on('message', (piece_id: string) => {
      said.add(piece_id);
      // In the middle of whatever it does then.
      if (said.size === before + 5 + 3 * kill) writer.kill('SIGKILL');
    });
    await once(writer, 'close');
    const store = open();
    const found = await store.list();
    const ids = new Set(found.map(({ piece_id }) => piece_id));
    for (const piece_id of said) expect(ids).toContain(piece_id);
    // Those that were kept and not yet said; three are written at a time.
    expect(ids.size - said.size).toBeLessThanOrEqual(3 * (kill + 1));
    for (const facts of found) {
      const data = await store.read(facts.piece_id, 0, facts.bytes + 1);
      expect(Buffer.compare(data, contentOf(facts.piece_id))).toBe(0);
      expect(merkleRoot(math, data)).toBe(facts.root);
      expect(Buffer.compare(await store.leaves(facts.piece_id), leafDigests(math, data))).toBe(0);
    }
  }
}, 120_000);
