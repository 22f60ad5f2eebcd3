import type { Cancel } from '../ports.js';
import type { RuleName } from './rules.js';

/** What the device feels. Null is what it cannot tell. */
export interface Readings {
  /** 0 to 1. */
  battery: number | null;
  /** Whether it hangs on the mains. */
  charging: boolean | null;
  /** The battery's, or the case's. */
  temperature_c: number | null;
  cpu_temperature_c: number | null;
  metered: boolean | null;
  /** Whether the agent's page is in front; null where it has none. */
  in_front: boolean | null;
  /** Since its owner last touched it. */
  idle_ms: number | null;
  /** What programs beside the sandboxes use of all cores, 0 to 1. */
  others: number | null;
  /** Work of all processes per core over the last minute. */
  load: number | null;
  /** Share of the last ten seconds in which something waited for memory (Linux's PSI), 0 to 1. */
  memory_pressure: number | null;
  /** Why something cannot be told on this device, in a sentence. */
  unreadable: Readonly<Partial<Record<RuleName, string>>>;
}

export const NOTHING_READ: Readings = {
  battery: null,
  charging: null,
  temperature_c: null,
  cpu_temperature_c: null,
  metered: null,
  in_front: null,
  idle_ms: null,
  others: null,
  load: null,
  memory_pressure: null,
  unreadable: {},
};

/** The host's part: cheap enough to be asked every few seconds. */
export interface Sensors {
  /** How often looking again is worth it. */
  every_ms: number;
  read(): Promise<Readings>;
  /** Says that something has changed, for devices that tell: a look is then due at once. @returns ends it. */
  watch?(changed: () => void): Cancel;
}
