import { SOCKET_LIMITS } from '#protocol';
import { utf8Bytes } from './utf8.js';

/** Gathers the messages of one turn into as few frames as hold them: the heap counts frames against its rate. */
export class FrameWriter {
  private parts: string[] = [];
  private bytes = 0;

  /** @param send puts a frame on the wire. @param began a frame more will go out. */
  constructor(
    private readonly send: (text: string) => void,
    private readonly began: () => void,
  ) {}

  write(text: string, bytes = utf8Bytes(text)): void {
    if (this.parts.length > 0 && this.bytes + bytes > SOCKET_LIMITS.packed_bytes) this.flush();
    if (this.parts.length === 0) {
      this.began();
      void Promise.resolve().then(() => this.flush());
    }
    this.parts.push(text);
    this.bytes += bytes + 1;
  }

  flush(): void {
    const { parts } = this;
    if (parts.length === 0) return;
    this.parts = [];
    this.bytes = 0;
    this.send(parts.length === 1 ? (parts[0] ?? '') : `[${parts.join(',')}]`);
  }

  /** What was not sent is not to be sent. */
  discard(): void {
    this.parts = [];
  }
}
