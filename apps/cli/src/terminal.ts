import type { Readable, Writable } from 'node:stream';
import { HeapError } from '#units';

type Output = Writable & { isTTY?: boolean };

/** The three streams of a command, and whether a machine reads its output. */
export class Terminal {
  /** Fires when the reader of our output has gone (`heap map ... | head`). */
  readonly closed = new AbortController();

  constructor(
    readonly stdin: Readable & { isTTY?: boolean },
    readonly stdout: Output,
    readonly stderr: Output,
    public json = false,
  ) {
    stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      this.closed.abort(new HeapError('output_closed', 'Whoever read the results has stopped reading.', 'user'));
    });
  }

  /** Waits while the reader is slower than we are. */
  async write(bytes: string | Uint8Array): Promise<void> {
    if (this.closed.signal.aborted) throw this.closed.signal.reason;
    if (this.stdout.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.stdout.off('drain', done);
        this.closed.signal.removeEventListener('abort', done);
        resolve();
      };
      this.stdout.on('drain', done);
      this.closed.signal.addEventListener('abort', done);
    });
  }

  /** One answer: a JSON value for machines, lines for people. */
  async answer(value: unknown, lines: () => string): Promise<void> {
    await this.write(this.json ? `${toJson(value, 2)}\n` : `${lines()}\n`);
  }

  /** One of many answers: always one line of JSON. */
  line(value: unknown): Promise<void> {
    return this.write(`${toJson(value)}\n`);
  }

  /** For people, beside the output. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }
}

/** Money is a bigint and JSON has none: it becomes a decimal string, as on the wire. Bytes become base64. */
export function toJson(value: unknown, indent?: number): string {
  const plain = (_: string, member: unknown) => {
    if (typeof member === 'bigint') return member.toString();
    if (member instanceof Uint8Array) return Buffer.from(member).toString('base64');
    return member;
  };
  return JSON.stringify(value, plain, indent);
}

/** Rows in columns, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const numeric = head.map((_, i) => rows.length > 0 && rows.every((row) => /^-?[\d.]+$/.test(row[i] ?? '')));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].join('\n');
}
