import { OUTPUT_LIMIT } from './stop.js';

/** Standard output: grows up to its limit, then ends the run. */
export class OutputSink {
  private buffer = new Uint8Array(1024);
  private length = 0;
  private limit = 0;

  reset(limit: number): void {
    this.length = 0;
    this.limit = limit;
    if (this.buffer.length > 1 << 20) this.buffer = new Uint8Array(1024);
  }

  write(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (length > this.limit) throw OUTPUT_LIMIT;
    if (length > this.buffer.length) {
      const larger = new Uint8Array(Math.min(Math.max(length, this.buffer.length * 2), this.limit));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    this.buffer.set(bytes, this.length);
    this.length = length;
  }

  take(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}

const utf8 = new TextDecoder();

/** Standard error: keeps its tail. What happened last is what a developer wants to read. */
export class LogSink {
  private tail = new Uint8Array(0);
  private written = 0;

  reset(limit: number): void {
    if (this.tail.length !== limit) this.tail = new Uint8Array(limit);
    this.written = 0;
  }

  write(bytes: Uint8Array): void {
    const size = this.tail.length;
    if (size === 0) return;
    const kept = bytes.length > size ? bytes.subarray(bytes.length - size) : bytes;
    const from = (this.written + bytes.length - kept.length) % size;
    const before_wrap = Math.min(kept.length, size - from);
    this.tail.set(kept.subarray(0, before_wrap), from);
    this.tail.set(kept.subarray(before_wrap), 0);
    this.written += bytes.length;
  }

  text(): string {
    const size = this.tail.length;
    if (this.written === 0) return '';
    if (this.written <= size) return utf8.decode(this.tail.subarray(0, this.written));
    const from = this.written % size;
    const ordered = new Uint8Array(size);
    ordered.set(this.tail.subarray(from), 0);
    ordered.set(this.tail.subarray(0, from), size - from);
    let start = 0; // a character cut in half is left out
    while (start < 4 && ((ordered[start] ?? 0) & 0xc0) === 0x80) start++;
    return utf8.decode(ordered.subarray(start));
  }
}
