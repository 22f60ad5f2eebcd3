import { type ByteRange, decodeFile, type FileRead, type Manifest, openFile, type PieceSource, type SegmentDescriptor } from '#erasure';
import { HTTP_LIMITS, type ResponseOf, ROUTES } from '#protocol';
import { HeapError, VOLUME_CODES } from '#units';
import { linkedController, sleep } from './abort.js';
import { fromUtf8 } from './bytes.js';
import type { HttpClient } from './http.js';

export interface GetProgress {
  /** Of the range: handed out, and in all. */
  bytes: number;
  total: number;
  /** Pieces that had to be replaced by others so far: their device was away, or what it gave was not the piece. */
  replaced: number;
}

export interface GetOptions {
  /** Bytes from `offset`: so many, or to the end. */
  range?: ByteRange;
  onProgress?: (progress: GetProgress) => void;
  /** Hears of each piece whose bytes were not what the capability says; another is taken. */
  onWrong?: (ordinal: number, index: number) => void;
  signal?: AbortSignal;
}

export type FileView = ResponseOf<typeof ROUTES.getFile>;
export type SegmentView = FileView['page'][number];

/** Its bytes may be there. The heap has those of a piece that waits for its device, too. */
export const READABLE: ReadonlySet<string> = new Set(['SPOOLED', 'STORED', 'SUSPECT', 'LEAVING']);
/** A device that is away may be back, and then its piece is as good as any. */
const LAST_RESORT: ReadonlySet<string> = new Set(['MISSING', 'CORRUPT']);
/** After this another piece is asked for beside one that is slow. */
const SLOW_MS = 4_000;
const PIECE_TIMEOUT_MS = 120_000;
/** Times that all pieces are tried, with growing pauses: devices come and go. */
const ROUNDS = 5;
const ROUND_MS = 1_000;

export const descriptorOf = (file: FileView, { data_bytes, piece_bytes, roots }: SegmentView): SegmentDescriptor => ({
  storage_class: file.class,
  data_bytes,
  piece_bytes,
  roots,
});

/** A file that is fetched while it is read: nothing is asked for before. */
export class Download implements AsyncIterable<Uint8Array> {
  constructor(
    private readonly http: HttpClient,
    private readonly capability: () => Promise<FileRead>,
    private readonly options: GetOptions,
  ) {}

  /** The bytes in order, a segment of at most 16 MiB at a time; the next one is fetched meanwhile. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    const stop = linkedController(this.options.signal);
    const source = new Fetching(this.http, await this.capability(), stop.signal);
    const onWrong = (ordinal: number, index: number) => {
      source.wrong(ordinal);
      this.options.onWrong?.(ordinal, index);
    };
    try {
      stop.signal.throwIfAborted();
      const manifest = await openFile(source.capability, source, { onWrong });
      const { offset = 0, bytes = Math.max(0, manifest.bytes - offset) } = this.options.range ?? {};
      const total = Math.min(bytes, Math.max(0, manifest.bytes - offset));
      let done = 0;
      const tell = () => this.options.onProgress?.({ bytes: done, total, replaced: source.replaced });
      tell();
      for await (const part of decodeFile(manifest, source, { range: { offset, bytes: total }, onWrong })) {
        yield part;
        done += part.length;
        tell();
      }
    } catch (error) {
      throw this.options.signal?.aborted ? this.options.signal.reason : error;
    } finally {
      stop.abort(new HeapError('stopped', 'Nobody reads the file any more.', 'developer'));
      stop.release();
    }
  }

  /** The length of the whole file: fetches its manifest. */
  async size(): Promise<number> {
    const manifest: Manifest = await openFile(...(await this.#opening()));
    return manifest.bytes;
  }

  async #opening(): Promise<[FileRead, PieceSource]> {
    const capability = await this.capability();
    return [capability, new Fetching(this.http, capability, this.options.signal ?? new AbortController().signal)];
  }

  /** All of it at once. */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [];
    for await (const part of this) parts.push(part);
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** All of it as UTF-8. */
  async text(): Promise<string> {
    return fromUtf8(await this.bytes());
  }

  /** As a web stream, for a Response or a file in a browser. */
  stream(): ReadableStream<Uint8Array> {
    const parts = this[Symbol.asyncIterator]();
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await parts.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await parts.return();
        },
      },
      { highWaterMark: 0 },
    );
  }
}

/** Descriptors and pieces from the heap. */
class Fetching implements PieceSource {
  /** Pages of segments by the ordinal that they begin with: the manifest's and the one that is read. */
  readonly #pages = new Map<number, Promise<FileView>>();
  readonly #wrong = new Map<number, number>();
  replaced = 0;

  constructor(
    private readonly http: HttpClient,
    readonly capability: FileRead,
    private readonly signal: AbortSignal,
  ) {}

  wrong(ordinal: number): void {
    this.#wrong.set(ordinal, (this.#wrong.get(ordinal) ?? 0) + 1);
    this.replaced++;
  }

  async descriptor(ordinal: number): Promise<SegmentDescriptor> {
    return descriptorOf(...(await this.#segment(ordinal)));
  }

  async *pieces(ordinal: number, descriptor: SegmentDescriptor): AsyncGenerator<readonly [number, Uint8Array], void, void> {
    const { k } = VOLUME_CODES[descriptor.storage_class];
    const stop = linkedController(this.signal);
    const had = new Set<number>();
    const running = new Map<number, Promise<readonly [number, Uint8Array | null]>>();
    try {
      for (let round = 0; round < ROUNDS; round++) {
        if (round > 0) {
          await sleep(round * ROUND_MS, stop.signal);
          this.#pages.clear(); // what is where has changed
        }
        const [, view] = await this.#segment(ordinal);
        const candidates = inOrder(view, k).filter((index) => !had.has(index));
        for (;;) {
          const lacking = k + (this.#wrong.get(ordinal) ?? 0) - had.size;
          while (running.size < lacking && candidates.length > 0) this.#start(ordinal, candidates.shift() as number, running, stop.signal);
          if (running.size === 0) break;
          const slow = new AbortController();
          const first = await Promise.race([
            ...running.values(),
            ...(candidates.length > 0
              ? [
                  sleep(SLOW_MS, slow.signal).then(
                    () => null,
                    () => null,
                  ),
                ]
              : []),
          ]);
          slow.abort();
          stop.signal.throwIfAborted();
          if (first === null) {
            this.#start(ordinal, candidates.shift() as number, running, stop.signal);
            continue;
          }
          const [index, piece] = first;
          running.delete(index);
          if (piece === null) this.replaced++;
          else {
            had.add(index);
            yield [index, piece];
          }
        }
      }
    } finally {
      stop.abort(new HeapError('stopped', 'Enough pieces have come.', 'developer'));
      stop.release();
    }
  }

  #start(ordinal: number, index: number, running: Map<number, Promise<readonly [number, Uint8Array | null]>>, signal: AbortSignal): void {
    const params = { file_id: this.capability.file_id, ordinal, index };
    const piece = this.http.bytes(ROUTES.getPiece, { params, signal, retries: 0, timeout_ms: PIECE_TIMEOUT_MS }).then(
      (bytes) => [index, bytes] as const,
      (error: unknown) => {
        if (signal.aborted || !isPassing(error)) throw error;
        return [index, null] as const;
      },
    );
    piece.catch(() => undefined); // thrown where it is awaited
    running.set(index, piece);
  }

  async #segment(ordinal: number): Promise<[FileView, SegmentView]> {
    const { file_id, segments } = this.capability;
    // The manifest alone; data in pages.
    const from = ordinal === segments - 1 ? ordinal : ordinal - (ordinal % HTTP_LIMITS.page_items);
    let page = this.#pages.get(from);
    if (!page) {
      for (const other of this.#pages.keys()) if (other !== segments - 1) this.#pages.delete(other);
      page = this.http.call(ROUTES.getFile, { params: { file_id }, query: { from, limit: HTTP_LIMITS.page_items }, signal: this.signal });
      page.catch(() => this.#pages.delete(from));
      this.#pages.set(from, page);
    }
    const file = await page;
    const view = file.page.find((one) => one.ordinal === ordinal);
    if (view) return [file, view];
    throw new HeapError(
      file.state === 'DELETED' ? 'file_deleted' : 'segment_unknown',
      file.state === 'DELETED' ? `The file was deleted: ${file.reason.sentence}` : `The heap does not know segment ${ordinal} of the file.`,
      file.state === 'DELETED' ? 'user' : 'platform',
      { file_id, ordinal },
    );
  }
}

/** A device that does not answer, or whose piece is gone, is no failure of the file. */
const isPassing = (error: unknown): boolean =>
  error instanceof HeapError && !['no_api_key', 'unauthenticated', 'forbidden'].includes(error.code) && error.details.status !== 401;

/** Data first, which needs no decoding; then what is there; then what could be. */
function inOrder({ pieces, held }: SegmentView, k: number): number[] {
  const rank = (index: number): number => {
    const state = pieces[index] as string;
    if (READABLE.has(state) || held.includes(index)) return index < k ? 0 : 1;
    return LAST_RESORT.has(state) ? 2 : 3;
  };
  return [...pieces.keys()].filter((index) => rank(index) < 3).sort((a, b) => rank(a) - rank(b) || a - b);
}
