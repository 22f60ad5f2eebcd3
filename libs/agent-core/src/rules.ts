import type { Bounds } from './bounds.js';
import type { Verdict } from './owner/judge.js';
import type { Cancel, Clock } from './ports.js';

/** What the owner's rules say now; the code and the sentence are shown to the owner and to the heap. */
export interface Standing {
  available: boolean;
  /** `ready`, `held_by_owner`, `stopping`, `trouble`, `slowed_down`, or what the owner's rules say (`Verdict`). */
  code: string;
  sentence: string;
}

const READY: Standing = { available: true, code: 'ready', sentence: 'The device is free for work.' };

/** Whether the device is for sale now, and why not. */
export class Rules {
  private held: string | null = null;
  private cancelHold: Cancel | null = null;
  private verdict: Pick<Verdict, 'run' | 'code' | 'sentence'> | null = null;
  private stopping = false;
  private resting: Pick<Standing, 'code' | 'sentence'> | null = null;
  private misfires = 0;
  private cancelRest: Cancel | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly bounds: Pick<Bounds, 'misfires' | 'rest_ms' | 'rest_cap_ms'>,
    private readonly onChange: (standing: Standing) => void,
  ) {}

  get standing(): Standing {
    if (this.stopping) return { available: false, code: 'stopping', sentence: 'The agent is being stopped.' };
    if (this.held !== null) return { available: false, code: 'held_by_owner', sentence: this.held };
    if (this.verdict && !this.verdict.run)
      return { available: false, code: this.verdict.code, sentence: this.verdict.sentence.slice(0, 512) };
    if (this.resting !== null) return { available: false, ...this.resting };
    return READY;
  }

  /** The owner's hold button. @param for_ms null holds until the owner releases. @param over when the time is over. */
  hold(sentence: string, for_ms: number | null = null, over = () => this.release()): void {
    this.cancelHold?.();
    this.cancelHold = for_ms === null ? null : this.clock.after(for_ms, over);
    this.change(() => (this.held = sentence));
  }

  release(): void {
    this.cancelHold?.();
    this.change(() => (this.held = null));
  }

  /** What the owner's rules say now. */
  judged(verdict: Verdict): void {
    this.change(() => (this.verdict = verdict));
  }

  stop(): void {
    this.change(() => (this.stopping = true));
    this.cancelHold?.();
    this.cancelRest?.();
  }

  /** A lease came to nothing on this device: after a few in a row it rests, so that work does not circle. */
  misfired(sentence: string): void {
    this.misfires += 1;
    if (this.misfires < this.bounds.misfires || this.stopping) return;
    const rest_ms = Math.min(this.bounds.rest_cap_ms, this.bounds.rest_ms * 2 ** Math.min(this.misfires - this.bounds.misfires, 20));
    this.rest(
      'trouble',
      `The last ${this.misfires} leases came to nothing here, so the device rests for a while. The last reason: ${sentence}`,
      rest_ms,
    );
  }

  /** Takes no work for a while. */
  rest(code: string, sentence: string, rest_ms: number, rested = () => {}): void {
    if (this.stopping) return;
    this.change(() => (this.resting = { code, sentence: sentence.slice(0, 512) }));
    this.cancelRest?.();
    this.cancelRest = this.clock.after(rest_ms, () => {
      rested();
      this.change(() => (this.resting = null));
    });
  }

  /** Work got done. */
  worked(): void {
    this.misfires = 0;
  }

  private change(apply: () => void): void {
    const before = this.standing;
    apply();
    const after = this.standing;
    if (before.code !== after.code || before.sentence !== after.sentence) this.onChange(after);
  }
}
