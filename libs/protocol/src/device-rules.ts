import * as z from 'zod';
import { timeZone } from './time-zone.js';

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

/** When a device is for sale, and how much of it. Null switches a rule off. */
export interface DeviceRules {
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
  /** At most so many sandboxes at a time, of those that the device allots. */
  slots: number | null;
  /** At most so much of the processor's cores, 0 to 1; a sandbox keeps one busy. One slot at least. */
  cpu_share: number | null;
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
export const SAFE_RULES: DeviceRules = {
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
  slots: null,
  cpu_share: null,
  dwell_ms: 60_000,
  must_know: [],
  at_once: ['in_front', 'in_use', 'battery', 'temperature', 'cpu_temperature'],
  finish_ms: 300_000,
};

/** For a device that is there for nothing else. */
export const NO_RULES: DeviceRules = {
  ...SAFE_RULES,
  idle_ms: null,
  charging: false,
  battery: null,
  temperature_c: null,
  cpu_temperature_c: null,
  unmetered: false,
};

const share = z.number().min(0).max(1);
const degrees = z.number().min(-20).max(120);
const span = z
  .number()
  .int()
  .min(0)
  .max(7 * 24 * 3_600_000);
const threshold = (value: z.ZodNumber) => z.strictObject({ leave: value, enter: value }).nullable();
const hours = {
  weekdays: z.array(z.number().int().min(1).max(7)).min(1).max(7).readonly(),
  from_minute: z.number().int().min(0).max(1_439),
  to_minute: z.number().int().min(1).max(1_440),
};
const tellsTime = <T extends Hours>({ from_minute, to_minute }: T) => from_minute !== to_minute;
const WHOLE_DAY = { path: ['to_minute'], message: 'it ends when it begins: write 0 to 1440 for the whole day' };

/** The rules as they are kept on disk, sent and set. */
export const deviceRules = z.strictObject({
  time_zone: timeZone,
  hours: z.array(z.strictObject(hours).refine(tellsTime, WHOLE_DAY)).min(1).max(64).readonly().nullable(),
  in_front: z.boolean().default(false),
  idle_ms: span.nullable(),
  charging: z.boolean(),
  battery: threshold(share),
  temperature_c: threshold(degrees),
  cpu_temperature_c: threshold(degrees),
  unmetered: z.boolean(),
  others: threshold(share),
  power_price: threshold(z.number().min(0).max(1_000_000)),
  tariff: z
    .array(z.strictObject({ ...hours, price: z.number().min(0).max(1_000_000) }).refine(tellsTime, WHOLE_DAY))
    .max(64)
    .readonly(),
  slots: z.number().int().min(1).max(1_024).nullable().default(null),
  cpu_share: share.nullable().default(null),
  dwell_ms: span,
  must_know: z.array(z.enum(RULE_NAMES)).max(RULE_NAMES.length).readonly().default([]),
  at_once: z.array(z.enum(RULE_NAMES)).max(RULE_NAMES.length).readonly(),
  finish_ms: span,
}) satisfies z.ZodType<DeviceRules>;

/** Where a word of the owner's was said. */
export const WORD_ORIGINS = ['device', 'heap'] as const;
export type WordOrigin = (typeof WORD_ORIGINS)[number];

/** A word of the owner's, which may have been said on the device and at the heap: each word raises the highest version its place knows. */
export interface Versioned {
  version: number;
  origin: WordOrigin;
}

/**
 * Whether the first of two words counts and the second does not: the newest does. Two that were said without knowing of each other may have the
 * same version; then the one said on the device does, where its owner stood before it.
 */
export const isNewer = (one: Versioned, other: Versioned | null): boolean =>
  other === null || one.version > other.version || (one.version === other.version && one.origin === 'device' && other.origin === 'heap');

/** Warmer than this no device works for rules that were not set on it. */
const WARMEST: { temperature_c: Threshold; cpu_temperature_c: Threshold } = {
  temperature_c: { leave: 45, enter: 42 },
  cpu_temperature_c: { leave: 95, enter: 88 },
};

const atMost = (limit: Threshold | null, most: Threshold): Threshold =>
  limit === null ? most : { leave: Math.min(limit.leave, most.leave), enter: Math.min(limit.enter, most.enter) };

/** Rules that come from elsewhere, within what a device allows anybody. */
export const withinLimits = (rules: DeviceRules): DeviceRules => ({
  ...rules,
  temperature_c: atMost(rules.temperature_c, WARMEST.temperature_c),
  cpu_temperature_c: atMost(rules.cpu_temperature_c, WARMEST.cpu_temperature_c),
});

/** How many of the slots that a device allots its rules let it offer. @param cores null where they cannot be counted. */
export function slotsAllowed(
  { slots, cpu_share }: Pick<DeviceRules, 'slots' | 'cpu_share'>,
  allotted: number,
  cores: number | null,
): number {
  const by_share = cpu_share === null || cores === null ? allotted : Math.max(1, Math.floor(cores * cpu_share + 1e-9));
  return Math.min(allotted, slots ?? allotted, by_share);
}
