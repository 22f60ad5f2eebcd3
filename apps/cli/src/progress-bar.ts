import cliProgress from 'cli-progress';
import type { Progress } from '#sdk';
import type { Money } from './money.js';
import type { Terminal } from './terminal.js';

/** Shows how far a job is: a bar on a terminal, and elsewhere a sentence when what it waits for changes. */
export class ProgressBar {
  #bar: cliProgress.SingleBar | null = null;
  #said = '';

  constructor(
    private readonly terminal: Terminal,
    private readonly money: Money,
    private readonly total: number | null,
    /** Results on the same terminal would tear the bar apart. */
    results_elsewhere: boolean,
  ) {
    if (terminal.stderr.isTTY && results_elsewhere)
      this.#bar = new cliProgress.SingleBar({
        stream: terminal.stderr,
        format: '{bar} {value}/{total} | {cost} | {reason}',
        barsize: 24,
        hideCursor: true,
        clearOnComplete: true,
        etaBuffer: 100,
      });
  }

  update = (progress: Progress): void => {
    const settled = progress.done + progress.failed;
    const { sentence } = progress.reason;
    const waits = progress.quiet || settled === 0;
    const reason = waits ? sentence : progress.failed ? `${progress.failed} failed` : '';
    if (!this.#bar) {
      if (progress.quiet && sentence !== this.#said) {
        this.terminal.note(sentence);
        this.#said = sentence;
      }
      return;
    }
    const total = this.total ?? progress.sent;
    const payload = { cost: this.money.format(progress.cost), reason };
    if (!this.#bar.isActive) this.#bar.start(total, settled, payload);
    this.#bar.setTotal(total);
    this.#bar.update(settled, payload);
  };

  stop(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}
