import cliProgress from 'cli-progress';
import type { Terminal } from './terminal.js';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `999 B`, `1.5 MB`: in powers of ten, as storage is sold. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.floor(value)} ${UNITS[power]}`;
}

interface Moved {
  bytes: number;
  /** Null for a stream. */
  total: number | null;
  /** What it waits for, in a sentence. */
  waits: string | null;
}

/** Shows how many bytes have moved: a bar on a terminal, and elsewhere a sentence when what it waits for changes. */
export class TransferBar {
  readonly #bar: cliProgress.SingleBar | null;
  readonly #begun_ms = performance.now();
  #begun = false;
  #said: string | null = null;
  #bytes = 0;

  /** @param shown False where the bytes themselves go to the same terminal. */
  constructor(
    private readonly terminal: Terminal,
    shown: boolean,
  ) {
    this.#bar =
      terminal.stderr.isTTY && shown
        ? new cliProgress.SingleBar({
            stream: terminal.stderr,
            format: '{bar} {moved} | {rate}/s | {waits}',
            barsize: 24,
            hideCursor: true,
            clearOnComplete: true,
          })
        : null;
  }

  update({ bytes, total, waits }: Moved): void {
    if (!this.#bar) {
      // What is asked again and waits for the same is no news.
      if (bytes !== this.#bytes) this.#said = null;
      if (waits !== null && waits !== this.#said) this.terminal.note(waits);
      this.#said = waits ?? this.#said;
      this.#bytes = bytes;
      return;
    }
    const seconds = (performance.now() - this.#begun_ms) / 1000;
    const moved = total === null ? sizeText(bytes) : `${sizeText(bytes)} of ${sizeText(total)}`;
    const payload = { moved, rate: sizeText(bytes / Math.max(0.1, seconds)), waits: waits ?? '' };
    if (!this.#begun) this.#bar.start(total ?? 1, 0, payload);
    this.#begun = true;
    this.#bar.update(total === null ? 0 : bytes, payload);
  }

  stop(): void {
    this.#bar?.stop();
  }
}
