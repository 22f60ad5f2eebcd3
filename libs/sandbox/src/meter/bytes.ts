import { refuse } from './refusal.js';

const utf8 = new TextDecoder();
const encoder = new TextEncoder();

/** Reads WebAssembly's encodings; stops with a refusal rather than run past `end`. */
export class Reader {
  constructor(
    readonly bytes: Uint8Array,
    public at = 0,
    readonly end = bytes.length,
  ) {}

  u8(): number {
    if (this.at >= this.end) refuse('the bytes end too early', this.at);
    return this.bytes[this.at++] as number;
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    return refuse('a number is longer than 32 bits', this.at);
  }

  /** Signed LEB128 of a block type: a negative value type or a type's index. */
  s33(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 25 && byte & 0x40 ? value | (-1 << (shift + 7)) : value;
    }
    return refuse('a block type is longer than 33 bits', this.at);
  }

  skipLeb(): void {
    for (let n = 0; n < 10; n++) if (this.u8() < 0x80) return;
    refuse('a number is longer than 64 bits', this.at);
  }

  skip(n: number): void {
    if (n > this.end - this.at) refuse('the bytes end too early', this.at);
    this.at += n;
  }

  take(n: number): Uint8Array {
    this.skip(n);
    return this.bytes.subarray(this.at - n, this.at);
  }

  name(): string {
    return utf8.decode(this.take(this.u32()));
  }
}

export class Writer {
  private buffer: Uint8Array;
  length = 0;

  constructor(capacity = 4096) {
    this.buffer = new Uint8Array(capacity);
  }

  private room(n: number): void {
    if (this.length + n <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(this.buffer.length * 2, this.length + n));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }

  clear(): void {
    this.length = 0;
  }

  done(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  u8(byte: number): void {
    if (this.length === this.buffer.length) this.room(1);
    this.buffer[this.length++] = byte;
  }

  bytes(...list: number[]): void {
    for (const byte of list) this.u8(byte);
  }

  raw(source: Uint8Array): void {
    this.copy(source, 0, source.length);
  }

  /** Most slices between two insertions are a few bytes, for which a loop beats `set`. */
  copy(source: Uint8Array, from: number, to: number): void {
    this.room(to - from);
    if (to - from > 24) {
      this.buffer.set(source.subarray(from, to), this.length);
      this.length += to - from;
      return;
    }
    for (let i = from; i < to; i++) this.buffer[this.length++] = source[i] as number;
  }

  u32(value: number): void {
    this.room(5);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  /** Signed LEB128 of a 32-bit value; good for `i32.const` and, the value being small, for `i64.const`. */
  s32(value: number): void {
    this.room(5);
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && !(byte & 0x40)) || (rest === -1 && byte & 0x40)) {
        this.buffer[this.length++] = byte;
        return;
      }
      this.buffer[this.length++] = byte | 0x80;
    }
  }

  name(text: string): void {
    const bytes = encoder.encode(text);
    this.u32(bytes.length);
    this.raw(bytes);
  }
}
