/**
 * Frames between a slot and its process: u32 length of the rest, u32 length of the header, the header as JSON, then byte strings whose
 * lengths the header tells. No structured clone: what a sandboxed process says is parsed by the simplest code there is.
 */
export function encodeFrame(header: unknown, blobs: readonly Uint8Array[]): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(8);
  const length = blobs.reduce((sum, blob) => sum + blob.length, 4 + json.length);
  head.writeUInt32LE(length, 0);
  head.writeUInt32LE(json.length, 4);
  return Buffer.concat([head, json, ...blobs], 4 + length);
}

export interface Frame<T> {
  header: T;
  body: Buffer;
}

export function decodeFrame<T>(rest: Buffer): Frame<T> {
  if (rest.length < 4) throw new Error('a frame has no header');
  const length = rest.readUInt32LE(0);
  if (length > rest.length - 4) throw new Error('a frame is shorter than its header says');
  return { header: JSON.parse(rest.toString('utf8', 4, 4 + length)) as T, body: rest.subarray(4 + length) };
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private length = 0;

  constructor(private readonly bytes_max: number) {}

  /** Throws when a frame is longer than allowed. */
  *push(chunk: Buffer): Generator<Buffer> {
    this.chunks.push(chunk);
    this.length += chunk.length;
    for (;;) {
      if (this.length < 4) return;
      const all = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : this.peek();
      const size = all.readUInt32LE(0);
      if (size > this.bytes_max) throw new Error(`a frame of ${size} bytes is longer than ${this.bytes_max}`);
      if (this.length < 4 + size) return;
      const joined = this.chunks.length === 1 ? all : Buffer.concat(this.chunks, this.length);
      this.chunks = joined.length > 4 + size ? [joined.subarray(4 + size)] : [];
      this.length -= 4 + size;
      yield joined.subarray(4, 4 + size);
    }
  }

  /** The first bytes in one piece, without joining a large frame once per chunk. */
  private peek(): Buffer {
    if ((this.chunks[0] as Buffer).length >= 4) return this.chunks[0] as Buffer;
    this.chunks = [Buffer.concat(this.chunks, this.length)];
    return this.chunks[0] as Buffer;
  }
}
