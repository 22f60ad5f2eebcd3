import * as z from 'zod';
import { NO_NOTES, type PieceDraft, type PieceFacts, type PieceNotes, type PieceStore } from '#agent-core';
import { id, sha256 } from '#protocol';
import { HeapError } from '#units';
import { AgentDatabase, PIECE_STORES } from './database.js';

const row = z.strictObject({
  piece_id: id,
  bytes: z.number().int().min(1),
  root: sha256,
  keep_ms: z.number().min(0),
  keep_until_ms: z.number(),
  /** Whether its bytes are a file of the page's own; otherwise they lie in the database. */
  in_file: z.boolean(),
});
type Row = z.output<typeof row>;
const notes = z.strictObject({
  over_since_ms: z.number().nullable(),
  day: z.number().min(0),
  moved_bytes: z.number().min(0),
}) satisfies z.ZodType<PieceNotes>;

const missing = (piece_id: string) => new HeapError('piece_missing', `The piece ${piece_id} is not in this browser any more.`, 'owner');

/** What the browser says when it lets the page keep no more, in the words of the core. */
const fromBrowser = (error: unknown): unknown =>
  (error as DOMException | null)?.name === 'QuotaExceededError'
    ? new HeapError('no_room', 'This browser lets the page keep no more.', 'owner')
    : error;

/** The page's own files (OPFS), where the browser has them and lets them be written without a worker. */
async function ownFiles(storage: StorageManager | undefined, name: string): Promise<FileSystemDirectoryHandle | null> {
  try {
    if (!('createWritable' in FileSystemFileHandle.prototype)) return null;
    return (await storage?.getDirectory())?.getDirectoryHandle(name, { create: true }) ?? null;
  } catch {
    return null;
  }
}

/**
 * Pieces of volumes in a browser: bytes as files of the page's own, or in IndexedDB where there are none; what is known of them in IndexedDB. A
 * piece is there when its row is: the file is written beside the old one and takes its place when it is closed, then the row is written.
 */
export class BrowserPieces implements PieceStore {
  private constructor(
    private readonly database: AgentDatabase,
    private readonly files: FileSystemDirectoryHandle | null,
    private readonly storage: StorageManager | undefined,
  ) {}

  /** @throws HeapError `no_storage`. */
  static async open(name: string, storage: StorageManager | undefined): Promise<BrowserPieces> {
    const [database, files] = await Promise.all([AgentDatabase.open(name, PIECE_STORES), ownFiles(storage, name)]);
    return new BrowserPieces(database, files, storage);
  }

  async list(): Promise<PieceFacts[]> {
    const there = new Set<string>();
    if (this.files) for await (const name of namesIn(this.files)) there.add(name);
    const found: PieceFacts[] = [];
    const listed = new Set<string>();
    for (const value of await this.database.all('pieces')) {
      const parsed = row.safeParse(value);
      if (!parsed.success || (parsed.data.in_file && !there.has(parsed.data.piece_id))) continue;
      const { in_file: _, ...facts } = parsed.data;
      found.push(facts);
      listed.add(facts.piece_id);
    }
    // What a page that was closed in the middle left.
    for (const name of there) if (!listed.has(name)) await this.files?.removeEntry(name).catch(() => {});
    for (const piece_id of await this.database.keys('pieces')) if (!listed.has(piece_id)) await this.delete(piece_id);
    return found;
  }

  async draft(piece_id: string): Promise<PieceDraft> {
    const sink = this.files ? await fileSink(this.files, piece_id) : blobSink();
    return {
      write: (bytes) => sink.write(bytes),
      keep: async (facts, leaves) => {
        try {
          const content = await sink.close();
          const kept: Row = { ...facts, in_file: content === null };
          await this.database.write(['pieces', 'leaves', 'contents'], (of) => {
            of('pieces').put(kept, piece_id);
            of('leaves').put(leaves, piece_id);
            if (content) of('contents').put(content, piece_id);
            else of('contents').delete(piece_id);
          });
        } catch (error) {
          throw fromBrowser(error);
        }
      },
      discard: async () => {
        await sink.abort();
        if (this.files && !(await this.row(piece_id))?.in_file) await this.files.removeEntry(piece_id).catch(() => {});
      },
    };
  }

  async read(piece_id: string, offset: number, bytes: number): Promise<Uint8Array> {
    const content = await this.content(piece_id);
    return new Uint8Array(await content.slice(offset, offset + bytes).arrayBuffer());
  }

  private async content(piece_id: string): Promise<Blob> {
    const known = await this.row(piece_id);
    if (known?.in_file)
      try {
        const file = await this.files?.getFileHandle(piece_id);
        if (file) return await file.getFile();
      } catch (error) {
        if ((error as DOMException).name !== 'NotFoundError') throw error;
      }
    else if (known) {
      const content = await this.database.get('contents', piece_id);
      if (content instanceof Blob) return content;
    }
    throw missing(piece_id);
  }

  async leaves(piece_id: string): Promise<Uint8Array> {
    const leaves = await this.database.get('leaves', piece_id);
    if (leaves instanceof Uint8Array) return leaves;
    throw missing(piece_id);
  }

  async renew(piece_id: string, keep_until_ms: number): Promise<void> {
    const known = await this.row(piece_id);
    if (known) await this.database.put('pieces', piece_id, { ...known, keep_until_ms });
  }

  /** The row first: without it the rest is no piece. */
  async delete(piece_id: string): Promise<void> {
    await this.database.write(['pieces', 'leaves', 'contents'], (of) => {
      for (const store of ['pieces', 'leaves', 'contents'] as const) of(store).delete(piece_id);
    });
    await this.files?.removeEntry(piece_id).catch(() => {});
  }

  async free_bytes(): Promise<number> {
    const { quota = 0, usage = 0 } = (await this.storage?.estimate?.()) ?? {};
    return Math.max(0, quota - usage);
  }

  /** What the browser would let this page keep in all, whether or not it is free yet; null where it does not tell. */
  async room_bytes(): Promise<number | null> {
    return (await this.storage?.estimate?.())?.quota ?? null;
  }

  async notes(): Promise<PieceNotes> {
    const parsed = notes.safeParse(await this.database.get('notes', 'notes'));
    return parsed.success ? parsed.data : NO_NOTES;
  }

  keepNotes(value: PieceNotes): Promise<void> {
    return this.database.put('notes', 'notes', value);
  }

  /** All of it, for good. */
  async clear(): Promise<void> {
    await this.database.clear();
    if (this.files) for await (const name of namesIn(this.files)) await this.files.removeEntry(name).catch(() => {});
  }

  close(): void {
    this.database.close();
  }

  private async row(piece_id: string): Promise<Row | null> {
    const parsed = row.safeParse(await this.database.get('pieces', piece_id));
    return parsed.success ? parsed.data : null;
  }
}

/** What takes a piece's bytes until it is kept. */
interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  /** @returns the bytes, where they are to be kept in the database. */
  close(): Promise<Blob | null>;
  abort(): Promise<void>;
}

async function fileSink(folder: FileSystemDirectoryHandle, name: string): Promise<Sink> {
  try {
    const handle = await folder.getFileHandle(name, { create: true });
    const stream = await handle.createWritable();
    const failed = (error: unknown) => {
      throw fromBrowser(error);
    };
    return {
      write: (bytes) => stream.write(bytes as Uint8Array<ArrayBuffer>).catch(failed),
      close: () => stream.close().then(() => null, failed),
      abort: () => stream.abort().catch(() => {}),
    };
  } catch (error) {
    throw fromBrowser(error);
  }
}

/** A piece is a few MB at most, and two are moved at a time: without files they are gathered in memory. */
function blobSink(): Sink {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  return {
    write: async (bytes) => void parts.push(bytes.slice() as Uint8Array<ArrayBuffer>),
    close: async () => new Blob(parts.splice(0)),
    abort: async () => void parts.splice(0),
  };
}

/** The library of DOM types that is used here does not say that a folder can be walked through. */
const namesIn = (folder: FileSystemDirectoryHandle): AsyncIterable<string> =>
  (folder as FileSystemDirectoryHandle & { keys(): AsyncIterable<string> }).keys();
