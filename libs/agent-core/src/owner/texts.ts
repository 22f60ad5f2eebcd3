import { hoursText, isWithin, type LocalTime, timeText } from './local-time.js';
import type { Readings } from './readings.js';
import type { OwnerRules, RuleName, Threshold } from './rules.js';

type Text = (rules: OwnerRules, readings: Readings, local: LocalTime, forbids: boolean) => string;

const percent = (share: number | null) => `${Math.round((share ?? 0) * 100)} %`;
const degrees = (celsius: number | null) => `${Math.round(celsius ?? 0)} °C`;
const seconds = (ms: number) => (ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`);

/** What is waited for: beyond the owner's own figure where a rule has just forbidden. */
const limit = (threshold: Threshold | null, forbids: boolean, show: (value: number) => string) =>
  threshold === null
    ? ''
    : `${show(threshold.leave)}${forbids && threshold.enter !== threshold.leave ? `, again at ${show(threshold.enter)}` : ''}`;

/** The reading and the owner's figure, of each rule; short enough that all ten fit into a reason. */
export const RULE_TEXTS: Readonly<Record<RuleName, Text>> = {
  in_front: (_rules, _readings, _local, forbids) =>
    forbids ? 'The device shows something else than this page, so it is left to its owner.' : 'This page is in front.',
  hours: ({ hours, time_zone }, _, local, forbids) =>
    `It is ${timeText(local)} in ${time_zone}, ${forbids ? 'outside' : 'within'} your hours (${(hours ?? []).map(hoursText).join('; ').slice(0, 80)}).`,
  in_use: (rules, { idle_ms }, _, forbids) =>
    forbids
      ? `The device was used ${seconds(idle_ms ?? 0)} ago; it is left alone until that is ${seconds(rules.idle_ms ?? 0)}.`
      : `Nobody has used the device for ${seconds(idle_ms ?? 0)}.`,
  charging: (_rules, _readings, _local, forbids) => (forbids ? 'The device runs on its battery.' : 'The device is on the mains.'),
  battery: (rules, { battery }, _, forbids) =>
    `The battery is at ${percent(battery)} (at least ${limit(rules.battery, forbids, percent)}).`,
  temperature: (rules, { temperature_c }, _, forbids) =>
    `The device is at ${degrees(temperature_c)} (at most ${limit(rules.temperature_c, forbids, degrees)}).`,
  cpu_temperature: (rules, { cpu_temperature_c }, _, forbids) =>
    `The processor is at ${degrees(cpu_temperature_c)} (at most ${limit(rules.cpu_temperature_c, forbids, degrees)}).`,
  metered: (_rules, _readings, _local, forbids) => (forbids ? 'The network costs by the byte.' : 'The network does not cost by the byte.'),
  others: (rules, { others, memory_pressure }, _, forbids) =>
    forbids && others !== null && others <= (rules.others?.enter ?? 0)
      ? `Other programs wait for memory ${percent(memory_pressure)} of the time.`
      : `Other programs use ${percent(others)} of the processor (at most ${limit(rules.others, forbids, percent)}).`,
  power_price: (rules, _, local, forbids) =>
    `A kWh costs ${rules.tariff.find((hours) => isWithin(local, hours))?.price} now (at most ${limit(rules.power_price, forbids, String)}).`,
};
