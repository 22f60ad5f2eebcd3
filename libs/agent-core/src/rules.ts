import type { Bounds } from './bounds.js';
import type { Cancel, Clock } from './ports.js';

/** What the owner's rules say now; the code and the sentence are shown to the owner and to the heap. */
export interface Standing {
  available: boolean;
  code: 'ready' | 'held_by_owner' | 'stopping' | 'trouble';
  sentence: string;
}

const READY: Standing = { available: true, code: 'ready', sentence: 'The device is free for work.' };

/** Whether the device is for sale now, and why not. */
export class Rules {
  private held: string | null = null;
  private stopping = false;
  private trouble: string | null = null;
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
    if (this.trouble !== null) return { available: false, code: 'trouble', sentence: this.trouble };
    return READY;
  }

  /** The owner's hold button. */
  hold(sentence = 'The owner has put the device on hold.'): void {
    this.change(() => (this.held = sentence));
  }

  release(): void {
    this.change(() => (this.held = null));
  }

  stop(): void {
    this.change(() => (this.stopping = true));
    this.cancelRest?.();
  }

  /** A lease came to nothing on this device: after a few in a row it rests, so that work does not circle. */
  misfired(sentence: string): void {
    this.misfires += 1;
    if (this.misfires < this.bounds.misfires || this.stopping) return;
    const rest_ms = Math.min(this.bounds.rest_cap_ms, this.bounds.rest_ms * 2 ** Math.min(this.misfires - this.bounds.misfires, 20));
    this.change(
      () =>
        (this.trouble =
          `The last ${this.misfires} leases came to nothing here, so the device rests for a while. The last reason: ${sentence}`.slice(
            0,
            512,
          )),
    );
    this.cancelRest?.();
    this.cancelRest = this.clock.after(rest_ms, () => this.change(() => (this.trouble = null)));
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
