import type { ByteRange } from '#erasure';
import { HTTP_LIMITS } from '#protocol';
import { HeapError } from '#units';
import type { Storage } from './storage.js';

/** A file of a volume that stands for an input, or for a file that a job brings along. */
export class VolumeInput {
  /** Private, so that no log of a value shows a capability. */
  readonly #address: string;
  readonly #range: ByteRange | undefined;

  constructor(address: string, range?: ByteRange) {
    this.#address = address;
    this.#range = range;
  }

  toJSON(): never {
    throw new TypeError('fromVolume() is a whole input; inside of one write what the task shall see');
  }

  /** @throws HeapError `bad_input` when it is larger than an input may be, and what reading it throws */
  async bytes(storage: Storage, signal?: AbortSignal): Promise<Uint8Array> {
    const file = storage.get(this.#address, { ...(this.#range && { range: this.#range }), ...(signal && { signal }), onProgress: atMost });
    return file.bytes();
  }
}

/** Before any of its bytes but the manifest are fetched. */
function atMost({ total }: { total: number }): void {
  if (total <= HTTP_LIMITS.blob_bytes) return;
  throw new HeapError(
    'bad_input',
    `A file of ${total} bytes is too large for an input; the limit is ${HTTP_LIMITS.blob_bytes}: give each task a range of it.`,
    'developer',
    { bytes: total },
  );
}

/**
 * A file of a volume as an input of `map`, `submit` and `run`, or as one of `files`: this program reads and decrypts it and sends the task its bytes.
 * For a JavaScript handler with the codec `json` the file is JSON. The device that runs the task sees them, as it sees every input.
 * @param address A read capability, or that of a directory and a path.
 */
export const fromVolume = (address: string, { range }: { range?: ByteRange } = {}): VolumeInput => new VolumeInput(address, range);
