import { createCipheriv, createHash } from 'node:crypto';

const EVERY_BYTES = 65_536;
const CHUNK_BYTES = 1_048_576;

/** Files that can be made again to be compared: bytes like random ones, with a canary at the beginning and in every 64 KiB. */
export class Contents {
  /** What no file and no memory of the heap may have. */
  readonly canary: Buffer;

  constructor(private readonly salt: string) {
    this.canary = createHash('sha256').update(`canary of ${salt}`).digest();
  }

  of(file: number, length: number): Buffer {
    const key = createHash('sha256').update(`${this.salt} ${file}`).digest();
    const bytes = createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(length));
    for (let at = 0; at + this.canary.length <= length; at += EVERY_BYTES) this.canary.copy(bytes, at);
    return bytes;
  }

  async *stream(file: number, length: number): AsyncGenerator<Uint8Array, void, void> {
    const bytes = this.of(file, length);
    for (let at = 0; at < length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
  }
}

/** So many lengths from 0 to the largest, evenly spread by their logarithms. */
export const lengthsOf = (files: number, largest: number): number[] =>
  Array.from({ length: files }, (_, i) => Math.floor(Math.exp((i / (files - 1)) * Math.log(largest + 1)) - 1 + 1e-6));
