/** A process of its own that writes pieces until it is killed, and says which ones it has kept: `node keep-writing.js <folder>`. */
import { randomUUID } from 'node:crypto';
import { kernel, MerkleTree } from '#erasure';
import { DiskPieces } from '../disk-pieces.js';
import { contentOf } from './content.js';

const [, , dir = ''] = process.argv;
const store = new DiskPieces(dir, { warn: () => {} });
const math = await kernel();

async function writeOne(): Promise<void> {
  const piece_id = randomUUID();
  const data = contentOf(piece_id);
  const tree = new MerkleTree(math);
  const draft = await store.draft(piece_id);
  for (let at = 0; at < data.length; at += 10_000) {
    const chunk = data.subarray(at, at + 10_000);
    tree.add(chunk);
    await draft.write(chunk);
  }
  await draft.keep({ piece_id, bytes: data.length, root: tree.root(), keep_ms: 1, keep_until_ms: 1 }, tree.leaves());
  process.send?.(piece_id);
}

async function write(): Promise<never> {
  for (;;) await writeOne();
}
await Promise.all([write(), write(), write()]);
