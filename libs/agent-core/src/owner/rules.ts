/** What an owner may rule; also the names under which a device says why it rests. */
export const RULE_NAMES = [
  'in_front',
  'hours',
  'in_use',
  'charging',
  'battery',
  'temperature',
  'cpu_temperature',
  'metered',
  'others',
  'power_price',
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** Weekdays from 1, Monday, to 7; minutes of the day. From 22:00 to 6:00 runs over midnight and belongs to the day on which it begins. */
export interface Hours {
  weekdays: readonly number[];
  from_minute: number;
  to_minute: number;
}

/** The owner's figure is never crossed: what crosses it forbids at once, and goes on forbidding until `enter` is reached. */
export interface Threshold {
  leave: number;
  enter: number;
}

/** A price of electricity by the hour. */
export interface TariffHours extends Hours {
  /** Of a kWh, in the owner's own currency. */
  price: number;
}

/** When a device is for sale. Null switches a rule off. */
export interface OwnerRules {
  /** Whose hours the windows mean: `Europe/Berlin`. */
  time_zone: string;
  /** Only within one of these. */
  hours: readonly Hours[] | null;
  /** Only while the agent's own page is what the device shows; a program without a page has no such thing to tell. */
  in_front: boolean;
  /** Only when nobody has used the device for so long. */
  idle_ms: number | null;
  /** Only on the mains. */
  charging: boolean;
  /** At least so full, 0 to 1. */
  battery: Threshold | null;
  /** At most so warm: the battery or the case. */
  temperature_c: Threshold | null;
  /** The same of the processor, which is much hotter than the case. */
  cpu_temperature_c: Threshold | null;
  /** Only on a network that costs nothing by the byte. */
  unmetered: boolean;
  /** At most so much of the processor, 0 to 1, is used by the owner's own programs. */
  others: Threshold | null;
  /** At most so dear, by the tariff. */
  power_price: Threshold | null;
  tariff: readonly TariffHours[];
  /** For so long nothing may have forbidden it before the device is for sale again. */
  dwell_ms: number;
  /** These forbid also where the device cannot tell; the others do not count then. */
  must_know: readonly RuleName[];
  /** These stop a task that runs; the others let it finish. */
  at_once: readonly RuleName[];
  /** A task that does not finish within this is stopped after all. */
  finish_ms: number;
}

export const HOURS_ALWAYS: Hours = { weekdays: [1, 2, 3, 4, 5, 6, 7], from_minute: 0, to_minute: 1_440 };

/** For a device whose owner has ruled nothing: nobody should notice that it works. */
export const SAFE_RULES: OwnerRules = {
  time_zone: 'UTC',
  hours: null,
  in_front: false,
  idle_ms: 120_000,
  charging: true,
  battery: { leave: 0.8, enter: 0.83 },
  temperature_c: { leave: 40, enter: 37 },
  cpu_temperature_c: { leave: 90, enter: 80 },
  unmetered: true,
  others: null,
  power_price: null,
  tariff: [],
  dwell_ms: 60_000,
  must_know: [],
  at_once: ['in_front', 'in_use', 'battery', 'temperature', 'cpu_temperature'],
  finish_ms: 300_000,
};

/** For a device that is there for nothing else. */
export const NO_RULES: OwnerRules = {
  ...SAFE_RULES,
  idle_ms: null,
  charging: false,
  battery: null,
  temperature_c: null,
  cpu_temperature_c: null,
  unmetered: false,
};
