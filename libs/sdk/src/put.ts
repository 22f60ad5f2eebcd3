import {
  type ByteSource,
  type EncodedSegment,
  encodeFile,
  type FileSecret,
  fileCapability,
  formatCapability,
  KEY_BYTES,
  SEGMENT_BYTES,
  seededRandom,
} from '#erasure';
import { type ResponseOf, ROUTES } from '#protocol';
import { HeapError, VOLUME_CLASSES, VOLUME_CODES, type VolumeClass } from '#units';
import { linkedController, sleep } from './abort.js';
import { fromBase64, fromUtf8, toBase64, toUtf8 } from './bytes.js';
import type { HttpClient } from './http.js';
import { eachOf } from './pool.js';

/** What a file is put from. A stream is read once; of everything else the length is known. */
export type PutSource = string | Uint8Array | ArrayBuffer | Blob | ByteSource;

export interface PutProgress {
  /** Of the source: how many are with the heap, and how many there are; null for a stream. */
  bytes: number;
  total: number | null;
  /** `sending`, or `storing` when everything is sent and devices are still fetching it. */
  phase: 'sending' | 'storing';
  /** Why it does not go on at the moment; null when it does. */
  waits: string | null;
}

export interface PutOptions {
  /** The id or the name of a volume. Default: the one named `default`, or the only one. */
  volume?: string;
  /** A directory to link it in, and as what: a write capability, a slash and the name. */
  into?: string;
  /** What `onResumable` gave for an upload of the same source that broke off: what is stored already is not sent again. */
  resume?: string;
  /**
   * Is given what resumes this upload, before anything is sent. It holds the file's keys: keep it like the file itself, and forget it when
   * `put` has returned.
   */
  onResumable?: (token: string) => unknown;
  onProgress?: (progress: PutProgress) => void;
  signal?: AbortSignal;
  /** Pieces that are sent at a time. Default 8. */
  parallel?: number;
  /** How long it waits in a row for room, devices or the heap itself, in ms. Default 10 minutes. */
  patienceMs?: number;
}

interface Upload {
  volume_id: string;
  file_id: string;
  storage_class: VolumeClass;
  segment_bytes: number;
  /** Of all keys. */
  seed: Uint8Array;
}

type SegmentView = ResponseOf<typeof ROUTES.putSegment>;

const TOKEN = 'heap-upload-1:';
const PARALLEL = 8;
const PATIENCE_MS = 600_000;
/** A piece that a slow line carries. */
const PIECE_TIMEOUT_MS = 600_000;
const COMMIT_WAIT_MS = 20_000;
const AGAIN_MS = 1_000;
/** With these the heap has the bytes of a piece, or has had them. */
const BROUGHT: ReadonlySet<string> = new Set(['SPOOLED', 'STORED', 'SUSPECT', 'LEAVING']);

const asText = ({ seed, ...upload }: Upload): string => TOKEN + toBase64(toUtf8(JSON.stringify({ ...upload, seed: toBase64(seed) })));

function uploadOf(token: string): Upload {
  try {
    if (!token.startsWith(TOKEN)) throw new TypeError('another beginning');
    const { seed, ...upload } = JSON.parse(fromUtf8(fromBase64(token.slice(TOKEN.length)))) as Omit<Upload, 'seed'> & { seed: string };
    const read = { ...upload, seed: fromBase64(seed) };
    if (read.seed.length !== KEY_BYTES || !VOLUME_CLASSES.includes(read.storage_class)) throw new TypeError('other members');
    return read;
  } catch {
    throw new HeapError('bad_resume_token', 'This does not resume an upload: it is not what `onResumable` gave.', 'developer');
  }
}

function* once(bytes: Uint8Array): Generator<Uint8Array> {
  yield bytes;
}

function opened(source: PutSource): { bytes: ByteSource; total: number | null } {
  const whole = typeof source === 'string' ? toUtf8(source) : source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  if (whole instanceof Uint8Array) return { bytes: once(whole), total: whole.length };
  if (whole instanceof Blob) return { bytes: whole.stream(), total: whole.size };
  return { bytes: whole, total: null };
}

/** A volume that takes files, as far as an upload needs to know it. */
export interface Target {
  id: string;
  class: VolumeClass;
}

/** What `putFile` returns: the read capability and what else is known of the file. */
export interface PutFile {
  capability: string;
  file_id: string;
  bytes: number;
}

/**
 * Encrypts, codes and sends a file segment by segment; no more than two segments are in memory, with the pieces of one.
 * @throws HeapError `source_changed`, `bad_resume_token`, `put_incomplete` (all with nothing lost: it can be resumed), and what the heap refuses
 */
export async function putFile(http: HttpClient, source: PutSource, target: () => Promise<Target>, options: PutOptions): Promise<PutFile> {
  const stop = linkedController(options.signal);
  try {
    stop.signal.throwIfAborted();
    const { bytes, total } = opened(source);
    const upload = options.resume === undefined ? await begun(http, await target(), stop.signal) : uploadOf(options.resume);
    await options.onResumable?.(asText(upload));
    return await new Putting(http, upload, total, options, stop.signal).run(bytes);
  } catch (error) {
    throw options.signal?.aborted ? options.signal.reason : error;
  } finally {
    stop.abort(new HeapError('stopped', 'The upload is over.', 'developer'));
    stop.release();
  }
}

async function begun(http: HttpClient, { id: volume_id, class: storage_class }: Target, signal: AbortSignal): Promise<Upload> {
  const { file_id } = await http.call(ROUTES.createFile, { params: { volume_id }, body: {}, signal });
  return { volume_id, file_id, storage_class, segment_bytes: SEGMENT_BYTES, seed: crypto.getRandomValues(new Uint8Array(KEY_BYTES)) };
}

class Putting {
  /** Of the source, in segments that the heap has whole. */
  #done = 0;
  /** Of so many pieces the heap makes all others. */
  readonly #least: number;
  readonly #patience_ms: number;

  constructor(
    private readonly http: HttpClient,
    private readonly upload: Upload,
    private readonly total: number | null,
    private readonly options: PutOptions,
    private readonly signal: AbortSignal,
  ) {
    this.#patience_ms = options.patienceMs ?? PATIENCE_MS;
    this.#least = VOLUME_CODES[upload.storage_class].k;
  }

  async run(source: ByteSource): Promise<PutFile> {
    const { file_id, seed, storage_class, segment_bytes } = this.upload;
    let file: FileSecret | null = null;
    for await (const segment of encodeFile(source, { storage_class, segment_bytes, random: seededRandom(seed) })) {
      // The last one is the manifest: with a small file inside, or with nothing of the source.
      const plain = segment.file ? segment.file.bytes - this.#done : segment.descriptor.data_bytes - 16;
      await this.#send(segment, plain);
      this.#done += plain;
      file = segment.file;
    }
    if (!file) throw new TypeError('a file was coded without its manifest');
    await this.#commit(file);
    return { capability: formatCapability(fileCapability(file_id, file)), file_id, bytes: file.bytes };
  }

  #tell(bytes: number, waits: string | null = null, phase: PutProgress['phase'] = 'sending'): void {
    this.options.onProgress?.({ bytes, total: this.total, phase, waits });
  }

  /** Announces a segment and brings its pieces until the heap could make the others of those that it has. */
  async #send(segment: EncodedSegment, plain: number): Promise<void> {
    const until_ms = performance.now() + this.#patience_ms;
    for (;;) {
      const view = await this.#announce(segment);
      const wanted = view.pieces.flatMap((state, index) =>
        state === 'PLANNED' || (state === 'UNPLACED' && view.held.includes(index)) ? [index] : [],
      );
      let brought = view.pieces.filter((state) => BROUGHT.has(state)).length;
      const before = brought;
      this.#tell(this.#done);
      await eachOf(wanted, this.options.parallel ?? PARALLEL, this.signal, async (index, signal) => {
        const taken = await this.#bring(segment, index, signal);
        if (taken) brought++;
        this.#tell(this.#done + Math.floor(plain * Math.min(1, (brought - before) / wanted.length)));
      });
      if (brought >= this.#least) return;
      if (performance.now() > until_ms) throw incomplete(this.upload, `devices for ${this.#least} pieces were not found`);
      this.#tell(this.#done, `Segment ${segment.ordinal} waits for devices: ${brought} of ${this.#least} pieces have one.`);
      await sleep(AGAIN_MS, this.signal);
    }
  }

  async #announce({ ordinal, descriptor }: EncodedSegment): Promise<SegmentView> {
    const { data_bytes, piece_bytes, roots } = descriptor;
    const params = { file_id: this.upload.file_id, ordinal };
    const body = { data_bytes, piece_bytes, roots: [...roots] };
    try {
      return await this.http.call(ROUTES.putSegment, { params, body, ...this.#patiently(this.signal) });
    } catch (error) {
      if (error instanceof HeapError && error.details.state === 'DELETED')
        throw new HeapError(
          'file_deleted',
          'What was sent of this file has been deleted, by you or because nobody went on with it for a week: put it anew.',
          'user',
          { file_id: this.upload.file_id },
        );
      // Nothing of it was sent: the same key never seals two texts.
      if (error instanceof HeapError && error.details.status === 409 && error.details.ordinal === ordinal)
        throw new HeapError(
          'source_changed',
          `The upload cannot be resumed: segment ${ordinal} of the source is not what it was when it began. Put it anew.`,
          'user',
          { ordinal, code: error.code },
        );
      throw error;
    }
  }

  /** False when no device is found for the piece: the heap makes it later. */
  async #bring({ ordinal, pieces }: EncodedSegment, index: number, signal: AbortSignal): Promise<boolean> {
    const params = { file_id: this.upload.file_id, ordinal, index };
    for (const until_ms = performance.now() + this.#patience_ms; ; await sleep(AGAIN_MS, signal))
      try {
        const body = pieces[index] as Uint8Array;
        await this.http.call(ROUTES.putPiece, { params, body, timeout_ms: PIECE_TIMEOUT_MS, ...this.#patiently(signal) });
        return true;
      } catch (error) {
        if (!(error instanceof HeapError)) throw error;
        if (UNWANTED.has(error.code)) return false;
        // An earlier attempt whose connection broke is still being read, or was slower than the heap waits.
        const passes = error.code === 'timeout' || (error.details.status === 409 && error.details.state === undefined);
        if (!passes || performance.now() > until_ms) throw error;
      }
  }

  #patiently(signal: AbortSignal) {
    const again = (error: HeapError) => {
      if (UNWANTED.has(error.code)) return false;
      this.#tell(this.#done, error.message);
      return true;
    };
    return { signal, again, patient: this.#patience_ms };
  }

  async #commit({ segments, bytes }: FileSecret): Promise<void> {
    const until_ms = performance.now() + this.#patience_ms;
    for (let waits: string | null = null; ; ) {
      this.#tell(bytes, waits, 'storing');
      const asked_ms = performance.now();
      const file = await this.http.call(ROUTES.commitFile, {
        params: { file_id: this.upload.file_id },
        query: { wait_ms: COMMIT_WAIT_MS },
        body: { segments },
        repeatable: true,
        timeout_ms: 2 * COMMIT_WAIT_MS,
        ...this.#patiently(this.signal),
      });
      if (file.state === 'STORED') return;
      if (file.state === 'DELETED')
        throw new HeapError('file_deleted', `The file was deleted while it was put: ${file.reason.sentence}`, 'user');
      waits = file.reason.sentence;
      if (performance.now() > until_ms) throw incomplete(this.upload, waits);
      // A heap that does not wait itself is not asked in a circle.
      await sleep(Math.max(0, AGAIN_MS - (performance.now() - asked_ms)), this.signal);
    }
  }
}

/** A piece without a device, or one whose device has been found another piece for meanwhile. */
const UNWANTED: ReadonlySet<string> = new Set(['piece_unplaced']);

function incomplete({ file_id }: Upload, why: string): HeapError {
  return new HeapError('put_incomplete', `The file is not stored yet, and can be resumed: ${why}`, 'platform', { file_id });
}
