import { HeapError } from '#units';
import { backoff_ms } from '../backoff.js';
import type { Bounds } from '../bounds.js';
import type { Cancel, Clock } from '../ports.js';
import { isPassing } from '../retry.js';

/** Why nothing may be moved now, as the owner and the heap read it. */
export interface Ban {
  code: string;
  sentence: string;
}

/** One piece to be fetched or sent. */
export interface Transfer {
  piece_id: string;
  transfer_id: string;
  deadline_ms: number;
  /** Somebody waits for it, and can ask elsewhere: it goes before the others, and fails at once where the owner's rules forbid it. */
  urgent: boolean;
  /** Throws when it did not come about; what the signal aborts may be begun again. */
  run(token: string, signal: AbortSignal): Promise<void>;
  /** It will not come about. @param banned by the owner's rules, as long as the heap had given it. */
  failed(error: unknown, banned: Ban | null): void;
}

interface Queued extends Transfer {
  cancelDeadline: Cancel;
  failures: number;
  /** Not before this, on the monotonic clock. */
  ready_ms: number;
}
interface Running {
  transfer: Queued;
  abort: AbortController;
  ended: Promise<void>;
}

const ATTEMPTS = 5;
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 30_000;
const forbidden = ({ sentence }: Ban) => new HeapError('rules', sentence, 'owner');
const late = () => new HeapError('transfer_failed', 'The time that the heap gave for it was over.', 'provider');

/** A few transfers at a time, in their order, urgent ones first; the others pause while the owner's rules say so and begin again afterwards. */
export class TransferQueue {
  private waiting: Queued[] = [];
  private readonly under_way = new Map<string, Running>();
  private cancelPump: Cancel | null = null;
  private ban: Ban | null = null;
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly bounds: Pick<Bounds, 'piece_transfers' | 'piece_transfers_waiting'>,
    private readonly token: () => string | null,
  ) {}

  get counts(): { running: number; waiting: number } {
    return { running: this.under_way.size, waiting: this.waiting.length };
  }

  /** One that is known already is not begun twice. @returns false where too many wait. */
  add(transfer: Transfer): boolean {
    if (this.stopped || this.under_way.has(transfer.transfer_id)) return true;
    if (this.waiting.some(({ transfer_id }) => transfer_id === transfer.transfer_id)) return true;
    if (transfer.urgent && this.ban) {
      transfer.failed(forbidden(this.ban), this.ban);
      return true;
    }
    if (this.waiting.length >= this.bounds.piece_transfers_waiting) return false;
    const cancelDeadline = this.clock.after(transfer.deadline_ms, () => this.expire(transfer.transfer_id));
    this.waiting.push({ ...transfer, cancelDeadline, failures: 0, ready_ms: this.clock.now_ms() });
    this.pump();
    return true;
  }

  /** Null lets them go on. */
  permit(ban: Ban | null): void {
    this.ban = ban;
    if (ban === null) return this.pump();
    for (const queued of this.waiting) if (queued.urgent) this.refuse(queued, ban);
    this.waiting = this.waiting.filter(({ urgent }) => !urgent);
    for (const { transfer, abort } of [...this.under_way.values()]) {
      if (transfer.urgent) this.refuse(transfer, ban);
      abort.abort();
    }
  }

  private refuse(transfer: Queued, ban: Ban): void {
    this.end(transfer);
    transfer.failed(forbidden(ban), ban);
  }

  /** There is a token again. */
  online(): void {
    this.pump();
  }

  /** Gives up what concerns a piece. Resolves when nothing of it runs. */
  async drop(piece_id: string): Promise<void> {
    for (const queued of this.waiting) if (queued.piece_id === piece_id) queued.cancelDeadline();
    this.waiting = this.waiting.filter((queued) => queued.piece_id !== piece_id);
    const running = [...this.under_way.values()].filter(({ transfer }) => transfer.piece_id === piece_id);
    for (const { transfer, abort } of running) {
      this.end(transfer);
      abort.abort();
    }
    await Promise.all(running.map(({ ended }) => ended));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelPump?.();
    for (const queued of this.waiting.splice(0)) queued.cancelDeadline();
    const running = [...this.under_way.values()];
    for (const { transfer, abort } of running) {
      transfer.cancelDeadline();
      abort.abort();
    }
    await Promise.all(running.map(({ ended }) => ended));
  }

  private pump(): void {
    this.cancelPump?.();
    this.cancelPump = null;
    if (this.stopped || this.ban) return;
    const now_ms = this.clock.now_ms();
    let next_ms = Number.POSITIVE_INFINITY;
    for (const queued of this.waiting.toSorted((a, b) => Number(b.urgent) - Number(a.urgent))) {
      const token = this.token();
      if (token === null || this.under_way.size >= this.bounds.piece_transfers) return;
      if (this.isBusy(queued.piece_id)) continue;
      if (queued.ready_ms > now_ms) next_ms = Math.min(next_ms, queued.ready_ms);
      else this.begin(queued, token);
    }
    if (next_ms < Number.POSITIVE_INFINITY) this.cancelPump = this.clock.after(next_ms - now_ms, () => this.pump());
  }

  private isBusy(piece_id: string): boolean {
    for (const { transfer } of this.under_way.values()) if (transfer.piece_id === piece_id) return true;
    return false;
  }

  private begin(transfer: Queued, token: string): void {
    this.waiting = this.waiting.filter((queued) => queued !== transfer);
    const running: Running = { transfer, abort: new AbortController(), ended: Promise.resolve() };
    this.under_way.set(transfer.transfer_id, running);
    running.ended = this.attempt(running, token).finally(() => {
      if (this.isWanted(running)) this.under_way.delete(transfer.transfer_id);
      this.pump();
    });
  }

  private isWanted(running: Running): boolean {
    return this.under_way.get(running.transfer.transfer_id) === running;
  }

  private async attempt(running: Running, token: string): Promise<void> {
    const { transfer, abort } = running;
    try {
      await transfer.run(token, abort.signal);
      transfer.cancelDeadline();
    } catch (error) {
      if (!this.isWanted(running) || this.stopped) return;
      if (abort.signal.aborted) {
        // Paused: it is the first when the rules allow it again.
        this.waiting.unshift(transfer);
      } else if (isPassing(error) && ++transfer.failures < ATTEMPTS) {
        const wait = { reconnect_base_ms: RETRY_BASE_MS, reconnect_cap_ms: RETRY_CAP_MS };
        transfer.ready_ms = this.clock.now_ms() + backoff_ms(transfer.failures, this.random(), wait);
        this.waiting.push(transfer);
      } else {
        transfer.cancelDeadline();
        transfer.failed(error, null);
      }
    }
  }

  private expire(transfer_id: string): void {
    const running = this.under_way.get(transfer_id);
    const queued = this.waiting.find((waiting) => waiting.transfer_id === transfer_id);
    if (running) {
      this.end(running.transfer);
      running.abort.abort();
      running.transfer.failed(late(), null);
    } else if (queued) {
      this.waiting = this.waiting.filter((waiting) => waiting !== queued);
      queued.failed(late(), this.ban);
    }
  }

  /** It runs out, and whatever comes of it counts no more. */
  private end(transfer: Queued): void {
    transfer.cancelDeadline();
    this.under_way.delete(transfer.transfer_id);
  }
}
