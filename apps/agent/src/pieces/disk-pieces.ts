import { randomBytes } from 'node:crypto';
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { type Log, NO_NOTES, type PieceDraft, type PieceFacts, type PieceNotes, type PieceStore } from '#agent-core';
import { HeapError } from '#units';
import { syncFolder } from '../private-file.js';
import { HEADER_BYTES, header, KEEP_UNTIL_AT, keepUntil, readHeader } from './tree-file.js';

const FOLDER = 'pieces';
const DRAFTS = 'drafts';
const NOTES = 'notes.json';
const DATA = '.piece';
const TREE = '.tree';
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SHARD = /^[0-9a-f]{2}$/;
/** Files that are opened at a time while all are looked through. */
const AT_A_TIME = 16;

const isCode = (error: unknown, ...codes: string[]) => codes.includes(String((error as NodeJS.ErrnoException | null)?.code));

/** What the system says of a full disk, in the words of the core. */
function fromDisk(error: unknown): unknown {
  return isCode(error, 'ENOSPC', 'EDQUOT') ? new HeapError('no_room', 'The disk of this device is full.', 'owner') : error;
}

/**
 * Pieces of volumes in the agent's folder: `pieces/<last two digits>/<id>.piece` and `<id>.tree`. A piece is there when its tree is: both are written
 * and synced as drafts, then the piece is renamed, then the tree, then the folder is synced. Made when the first piece comes.
 */
export class DiskPieces implements PieceStore {
  private readonly folder: string;

  constructor(
    dir: string,
    private readonly log: Pick<Log, 'warn'>,
  ) {
    this.folder = path.join(dir, FOLDER);
  }

  async list(): Promise<PieceFacts[]> {
    await fs.rm(path.join(this.folder, DRAFTS), { recursive: true, force: true });
    const found: PieceFacts[] = [];
    for (const shard of await names(this.folder)) if (SHARD.test(shard)) found.push(...(await this.shard(shard)));
    return found;
  }

  private async shard(shard: string): Promise<PieceFacts[]> {
    const folder = path.join(this.folder, shard);
    const there = new Set(await names(folder));
    const found: PieceFacts[] = [];
    const look = async (name: string) => {
      const piece_id = name.slice(0, -TREE.length);
      const facts = name.endsWith(TREE) && ID.test(piece_id) && there.has(piece_id + DATA) ? await this.facts(piece_id) : null;
      if (facts) found.push(facts);
      else if (name.endsWith(TREE)) await this.leftover(path.join(folder, name));
      else if (!name.endsWith(DATA) || !there.has(name.slice(0, -DATA.length) + TREE)) await this.leftover(path.join(folder, name));
    };
    const queue = [...there];
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        for (let name = queue.pop(); name !== undefined; name = queue.pop()) await look(name);
      }),
    );
    return found;
  }

  /** What a crash left half done; a piece whose tree cannot be read goes with it, because nothing says any more what it was. */
  private async leftover(file: string): Promise<void> {
    this.log.warn({ file }, 'Half a piece of a volume was left by a crash, or is damaged; it is deleted.');
    await fs.rm(file, { force: true });
  }

  private async facts(piece_id: string): Promise<PieceFacts | null> {
    const handle = await fs.open(this.place(piece_id, TREE), 'r');
    try {
      return readHeader(piece_id, await readAt(handle, 0, HEADER_BYTES));
    } finally {
      await handle.close();
    }
  }

  async draft(piece_id: string): Promise<PieceDraft> {
    const place = this.place(piece_id, DATA);
    const file = path.join(this.folder, DRAFTS, `${piece_id}.${randomBytes(4).toString('hex')}`);
    try {
      await Promise.all([path.dirname(place), path.dirname(file)].map((folder) => fs.mkdir(folder, { recursive: true, mode: 0o700 })));
      return new Draft(await fs.open(file, 'wx', 0o600), file, place, this.place(piece_id, TREE));
    } catch (error) {
      throw fromDisk(error);
    }
  }

  read(piece_id: string, offset: number, bytes: number): Promise<Uint8Array> {
    return this.reading(piece_id, DATA, (handle) => readAt(handle, offset, bytes));
  }

  leaves(piece_id: string): Promise<Uint8Array> {
    return this.reading(piece_id, TREE, async (handle) => {
      const { size } = await handle.stat();
      return readAt(handle, HEADER_BYTES, Math.max(0, size - HEADER_BYTES));
    });
  }

  private async reading<T>(piece_id: string, ending: string, read: (handle: FileHandle) => Promise<T>): Promise<T> {
    let handle: FileHandle;
    try {
      handle = await fs.open(this.place(piece_id, ending), 'r');
    } catch (error) {
      if (isCode(error, 'ENOENT')) throw new HeapError('piece_missing', `The piece ${piece_id} is not on this device any more.`, 'owner');
      throw error;
    }
    try {
      return await read(handle);
    } finally {
      await handle.close();
    }
  }

  async renew(piece_id: string, keep_until_ms: number): Promise<void> {
    const handle = await fs.open(this.place(piece_id, TREE), 'r+');
    try {
      await handle.write(keepUntil(keep_until_ms), 0, 8, KEEP_UNTIL_AT);
    } finally {
      await handle.close();
    }
  }

  /** The tree first: without it the rest is no piece. */
  async delete(piece_id: string): Promise<void> {
    await fs.rm(this.place(piece_id, TREE), { force: true });
    await fs.rm(this.place(piece_id, DATA), { force: true });
  }

  async free_bytes(): Promise<number> {
    const { bavail, bsize } = await fs.statfs(await this.nearest());
    return bavail * bsize;
  }

  /** The folder for pieces, or what it will be in. */
  private async nearest(): Promise<string> {
    return (await fs.stat(this.folder).catch(() => null)) ? this.folder : path.dirname(this.folder);
  }

  async notes(): Promise<PieceNotes> {
    try {
      const kept: unknown = JSON.parse(await fs.readFile(path.join(this.folder, NOTES), 'utf8'));
      const { over_since_ms, day, moved_bytes } = { ...NO_NOTES, ...(kept as Partial<PieceNotes>) };
      const all = [over_since_ms ?? 0, day, moved_bytes];
      return all.every((value) => typeof value === 'number' && value >= 0) ? { over_since_ms, day, moved_bytes } : NO_NOTES;
    } catch {
      return NO_NOTES;
    }
  }

  async keepNotes(notes: PieceNotes): Promise<void> {
    const file = path.join(this.folder, NOTES);
    // Nothing was ever kept here, so that there is nothing to note.
    if ((await this.nearest()) !== this.folder) return;
    await fs.writeFile(`${file}.part`, JSON.stringify(notes), { mode: 0o600 });
    await fs.rename(`${file}.part`, file);
  }

  /** @throws HeapError `piece_id_invalid`: an id is a name here, and must not be a way to another folder. */
  private place(piece_id: string, ending: string): string {
    if (!ID.test(piece_id)) throw new HeapError('piece_id_invalid', 'The id of a piece is a UUID in lower case.', 'platform');
    return path.join(this.folder, piece_id.slice(-2), piece_id + ending);
  }
}

class Draft implements PieceDraft {
  private done = false;

  constructor(
    private readonly handle: FileHandle,
    private readonly file: string,
    private readonly place: string,
    private readonly tree_place: string,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) at += (await this.handle.write(bytes, at)).bytesWritten;
    } catch (error) {
      throw fromDisk(error);
    }
  }

  async keep(facts: PieceFacts, leaves: Uint8Array): Promise<void> {
    const tree = `${this.file}${TREE}`;
    try {
      await this.handle.sync();
      await this.handle.close();
      this.done = true;
      await writeSynced(tree, header(facts), leaves);
      await fs.rename(this.file, this.place);
      await fs.rename(tree, this.tree_place);
    } catch (error) {
      await fs.rm(tree, { force: true });
      throw fromDisk(error);
    }
    syncFolder(path.dirname(this.place));
  }

  async discard(): Promise<void> {
    if (!this.done) await this.handle.close();
    this.done = true;
    await fs.rm(this.file, { force: true });
  }
}

async function writeSynced(file: string, ...parts: readonly Uint8Array[]): Promise<void> {
  const handle = await fs.open(file, 'wx', 0o600);
  try {
    await handle.writeFile(Buffer.concat(parts));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Fewer bytes at the file's end. */
async function readAt(handle: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let filled = 0;
  while (filled < bytes) {
    const { bytesRead } = await handle.read(buffer, filled, bytes - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** None where there is no such folder. */
async function names(folder: string): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
