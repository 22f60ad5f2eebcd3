import { type Body, commitmentText, EMPTY_SHA256, SOCKET_LIMITS, type TaskResult } from '#protocol';
import { isDeterministic, type RunOutcome } from '#sandbox';
import type { Bounds } from './bounds.js';
import type { Entry, Outbox } from './outbox.js';
import type { Cancel, Ports } from './ports.js';
import { isPassing } from './retry.js';
import type { Session } from './session.js';
import type { Transfers } from './transfers.js';
import { utf8Bytes } from './utf8.js';

const UPLOADS_AT_A_TIME = 2;

export interface FinishedTask {
  lease_id: string;
  lease_epoch: number;
  index: number;
  epoch: number;
  /** The job of a lease that asks for commitments; null of any other. */
  committed_for: string | null;
}

/** Carries finished tasks to the heap: packs them into few messages, large outputs first over HTTP, at the heap's pace. */
export class Delivery {
  private flush_timer: { cancel: Cancel; at_ms: number } | null = null;
  /** Waits for the peer's window. */
  private blocked = false;
  private uploading = 0;
  private readonly uploads: Entry[] = [];
  private readonly over = new AbortController();
  private readonly deliveredWaiters: (() => void)[] = [];

  constructor(
    private readonly outbox: Outbox,
    private readonly link: Pick<Session, 'send' | 'sendable_in_ms' | 'online' | 'takes_commits'>,
    private readonly transfers: Transfers,
    private readonly ports: Pick<Ports, 'bytes' | 'clock' | 'identity' | 'log' | 'outbox'>,
    private readonly bounds: Bounds,
    /** There is room for new work again. */
    private readonly onRoom: () => void,
  ) {}

  /** What an earlier run left to upload or to commit to. */
  start(): void {
    for (const entry of this.outbox.all())
      if (entry.progress === 'uploading') this.upload(entry);
      else if (entry.progress === 'sealing') this.seal(entry, false);
  }

  stop(): void {
    this.over.abort();
    this.flush_timer?.cancel();
    this.flush_timer = null;
  }

  /** @param urgent nothing else is under way that could share the message. */
  add(task: FinishedTask, outcome: RunOutcome, urgent: boolean): void {
    const { result, apart } = this.toResult(task, outcome);
    // What says nothing about the program is told at once: there is nothing in it to copy.
    const job_id = isDeterministic(outcome.verdict) ? task.committed_for : null;
    const seal = job_id === null ? undefined : { job_id, nonce: hex(this.ports.bytes.random(16)) };
    const entry = this.outbox.add(task.lease_id, task.lease_epoch, result, apart, seal);
    if (entry.progress === 'sealing') this.seal(entry, urgent);
    else if (apart) this.upload(entry);
    else this.soon(urgent);
  }

  /** Its commitment is made, and then sent in its place. */
  private seal(entry: Entry, urgent: boolean): void {
    const { result, seal } = entry.kept;
    if (!seal) return;
    const text = commitmentText({ ...result, ...seal, node_id: this.ports.identity.node_id });
    const made = (commitment: string) => {
      this.outbox.sealed(entry, commitment);
      this.soon(urgent);
    };
    const digest = this.ports.bytes.sha256(ascii(text));
    if (typeof digest === 'string') return made(digest);
    digest.then(made, (error: unknown) => {
      this.ports.log.warn({ error: String(error) }, 'A commitment could not be made: the result is told as it is.');
      this.reveal({ lease_id: entry.kept.lease_id, epoch: entry.kept.lease_epoch, tasks: [[result.index, result.epoch]] });
      this.soon(urgent);
    });
  }

  /** These results, all of a lease or all there are, need not be held back any longer; large outputs are uploaded now. */
  reveal(what?: { lease_id: string; epoch: number; tasks?: readonly (readonly [number, number])[] }): void {
    for (const entry of this.outbox.reveal(what)) this.upload(entry);
  }

  private toResult(task: FinishedTask, outcome: RunOutcome): { result: TaskResult; apart?: Uint8Array } {
    const base = {
      index: task.index,
      epoch: task.epoch,
      verdict: outcome.verdict,
      detail: outcome.detail?.slice(0, 512) ?? null,
      exit_code: outcome.exit_code,
      fuel_used: Number(outcome.fuel_used),
      output_hash: outcome.output_hash,
      logs: outcome.logs.slice(-SOCKET_LIMITS.logs_bytes),
      wall_ms: outcome.wall_ms,
      memory_peak_bytes: outcome.memory_peak_bytes,
    };
    if (outcome.output.length <= SOCKET_LIMITS.inline_bytes) {
      const result: TaskResult = { ...base, output: { inline: this.ports.bytes.toBase64(outcome.output) } };
      // Logs full of control characters grow sixfold as JSON: beside them even an output that is not large travels apart.
      const surely_fits = outcome.output.length <= SOCKET_LIMITS.inline_bytes / 2;
      if (surely_fits || utf8Bytes(JSON.stringify(result)) <= SOCKET_LIMITS.packed_bytes) return { result };
    }
    return { result: { ...base, output: { hash: outcome.output_hash, bytes: outcome.output.length } }, apart: outcome.output };
  }

  confirm(ack: Body<'results.ack'>): void {
    for (const { index, code, sentence } of ack.rejected)
      this.ports.log.warn({ lease_id: ack.lease_id, index, code }, `The heap refused a result: ${sentence}`);
    this.outbox.confirm(ack);
    if (!this.outbox.full) this.onRoom();
    this.checkDelivered();
  }

  /** Resolves when every result has been confirmed. */
  delivered(): Promise<void> {
    return new Promise((resolve) => {
      this.deliveredWaiters.push(resolve);
      this.checkDelivered();
    });
  }

  private checkDelivered(): void {
    if (this.outbox.size === 0) for (const resolve of this.deliveredWaiters.splice(0)) resolve();
  }

  private soon(urgent: boolean): void {
    if (urgent || this.outbox.sendable >= this.bounds.flush_results) this.flush();
    else this.flushIn(this.bounds.flush_ms);
  }

  /** The heap read something: go on if that was what was missing. */
  writable(): void {
    if (this.blocked) this.flush();
  }

  /** Sends what may be sent now and arranges for the rest. */
  flush(): void {
    this.blocked = false;
    for (;;) {
      const wait_ms = this.link.sendable_in_ms;
      if (wait_ms === Number.POSITIVE_INFINITY) {
        this.blocked = true;
        return;
      }
      if (wait_ms > 0) return this.outbox.sendable > 0 ? this.flushIn(wait_ms) : undefined;
      const commits = this.link.takes_commits ? this.outbox.nextCommits() : null;
      if (commits) {
        this.link.send('commits', commits);
        continue;
      }
      const pack = this.outbox.next(this.link.takes_commits);
      if (!pack) return;
      this.link.send('results', pack);
    }
  }

  private flushIn(delay_ms: number): void {
    const at_ms = this.ports.clock.now_ms() + delay_ms;
    if (this.flush_timer) {
      if (this.flush_timer.at_ms <= at_ms) return;
      this.flush_timer.cancel();
    }
    const cancel = this.ports.clock.after(delay_ms, () => {
      this.flush_timer = null;
      this.flush();
    });
    this.flush_timer = { cancel, at_ms };
  }

  private upload(entry: Entry): void {
    this.uploads.push(entry);
    this.nextUpload();
  }

  private nextUpload(): void {
    while (this.uploading < UPLOADS_AT_A_TIME) {
      const entry = this.uploads.shift();
      if (!entry) return;
      if (entry.gone) continue;
      this.uploading += 1;
      void this.store(entry).finally(() => {
        this.uploading -= 1;
        this.nextUpload();
        this.checkDelivered();
      });
    }
  }

  private async store(entry: Entry): Promise<void> {
    const { result } = entry.kept;
    if (!('hash' in result.output)) return;
    const { hash } = result.output;
    try {
      const output = await this.ports.outbox.output(hash);
      if (output === null) {
        this.ports.log.warn(
          { index: result.index, hash },
          'The output of a finished task was lost with the last run; the heap will have the task run again.',
        );
        return this.outbox.drop(entry);
      }
      await this.transfers.put(hash, output, this.over.signal);
      this.outbox.uploaded(entry);
      this.soon(true);
    } catch (error) {
      if (this.over.signal.aborted || entry.gone) return;
      if (isPassing(error)) {
        this.ports.clock.after(this.bounds.reconcile_ms, () => this.upload(entry));
        return;
      }
      this.refused(entry, error instanceof Error ? error.message : String(error));
    }
  }

  /** The heap will never take this output: say so instead of keeping silent, so that the task does not hang. */
  private refused(entry: Entry, why: string): void {
    const { lease_id, lease_epoch, result } = entry.kept;
    this.ports.log.warn({ lease_id, index: result.index }, `The heap refused an output: ${why}`);
    const detail = `The output could not be stored: ${why}`.slice(0, 512);
    this.outbox.add(lease_id, lease_epoch, { ...result, verdict: 'killed', detail, output: { inline: '' }, output_hash: EMPTY_SHA256 });
    this.soon(true);
  }
}

const hex = (raw: Uint8Array): string => Array.from(raw, (byte) => byte.toString(16).padStart(2, '0')).join('');
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
