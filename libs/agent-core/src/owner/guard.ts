import type { Cancel, Clock, Log } from '../ports.js';
import { judge, type Memory, NO_MEMORY, type Verdict } from './judge.js';
import { localTime } from './local-time.js';
import { NOTHING_READ, type Readings, type Sensors } from './readings.js';
import { NO_RULES, type OwnerRules } from './rules.js';

export interface GuardView {
  rules: OwnerRules;
  readings: Readings;
  verdict: Verdict;
}

const CLOCK_EVERY_MS = 10_000;

/** Only these two ask for the time of day, whose tables take memory. */
const isTimed = (rules: OwnerRules) => rules.hours !== null || rules.power_price !== null;

/** Looks at the device every few seconds and says what its owner's rules make of it. */
export class Guard {
  private memory: Memory = NO_MEMORY;
  private readings: Readings = NOTHING_READ;
  private cancelLook: Cancel | null = null;
  private cancelWatch: Cancel | null = null;
  private stopped = true;
  view: GuardView;

  constructor(
    private rules: OwnerRules = NO_RULES,
    private readonly sensors: Sensors | null,
    private readonly clock: Clock,
    private readonly log: Pick<Log, 'warn'>,
    private readonly onVerdict: (verdict: Verdict) => void,
  ) {
    this.view = this.judged();
  }

  /** Resolves when the device was looked at once: before, nothing may be said of it. */
  async start(): Promise<void> {
    this.stopped = false;
    this.cancelWatch = this.sensors?.watch?.(() => void this.look()) ?? null;
    await this.look();
  }

  stop(): void {
    this.stopped = true;
    this.cancelLook?.();
    this.cancelWatch?.();
  }

  /** The owner's new rules count at once; that they were others before makes nobody wait. */
  setRules(rules: OwnerRules): void {
    this.rules = rules;
    this.memory = NO_MEMORY;
    this.tell();
    this.again();
  }

  private async look(): Promise<void> {
    if (this.sensors) {
      try {
        this.readings = await this.sensors.read();
      } catch (error) {
        this.readings = NOTHING_READ;
        this.log.warn({ error: String(error) }, 'The sensors of this device could not be read.');
      }
    }
    if (this.stopped) return;
    this.tell();
    this.again();
  }

  /** Without sensors only the hours can change anything. */
  private again(): void {
    this.cancelLook?.();
    this.cancelLook = null;
    if (this.stopped || (!this.sensors && !isTimed(this.rules))) return;
    this.cancelLook = this.clock.after(this.sensors?.every_ms ?? CLOCK_EVERY_MS, () => void this.look());
  }

  private tell(): void {
    this.view = this.judged();
    this.onVerdict(this.view.verdict);
  }

  private judged(): GuardView {
    const { rules, readings } = this;
    const local = isTimed(rules) ? localTime(this.clock.wall_ms(), rules.time_zone) : { weekday: 1, minute: 0 };
    const { verdict, memory } = judge(rules, readings, local, this.memory, this.clock.now_ms());
    this.memory = memory;
    return { rules, readings, verdict };
  }
}
