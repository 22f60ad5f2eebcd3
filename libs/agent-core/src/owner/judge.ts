import { isWithin, type LocalTime } from './local-time.js';
import type { Readings } from './readings.js';
import { type OwnerRules, RULE_NAMES, type RuleName } from './rules.js';
import { RULE_TEXTS } from './texts.js';

/** Off is not ruled; unknown is ruled and cannot be told, so that it does not count. */
export type RuleVerdict = 'off' | 'allows' | 'forbids' | 'unknown';

export interface RuleView {
  rule: RuleName;
  verdict: RuleVerdict;
  /** For the owner: the reading and the figure it is held against. */
  sentence: string;
}

export interface Verdict {
  run: boolean;
  /** `ready`, `settling`, or that of the first rule that forbids; `…_unknown` where that is because the device cannot tell. */
  code: string;
  sentence: string;
  /** What becomes of a task that runs. */
  how: 'finish' | 'at_once';
  rules: readonly RuleView[];
}

/** What a judgement must know of those before it. */
export interface Memory {
  /** A rule that forbade goes on until its reading is well on the good side again. */
  forbidding: ReadonlySet<RuleName>;
  /** When something last forbade; null when nothing ever did. */
  forbidden_ms: number | null;
}

export const NO_MEMORY: Memory = { forbidding: new Set(), forbidden_ms: null };

/** Whether a reading forbids: true, false, or null where nothing is known. @param before whether it forbade until now. */
type Test = (rules: OwnerRules, readings: Readings, local: LocalTime, before: boolean) => boolean | null;

const below = (value: number | null, limit: { leave: number; enter: number } | null, before: boolean) =>
  value === null || limit === null ? null : value < (before ? Math.max(limit.enter, limit.leave) : limit.leave);
const above = (value: number | null, limit: { leave: number; enter: number } | null, before: boolean) =>
  value === null || limit === null ? null : value > (before ? Math.min(limit.enter, limit.leave) : limit.leave);

/** Other programs wait for memory: they need the device whatever the processor does. */
const MEMORY_PRESSURE_MAX = 0.1;

export const tariffPrice = ({ tariff }: OwnerRules, local: LocalTime): number | null =>
  tariff.find((hours) => isWithin(local, hours))?.price ?? null;

const TESTS: Readonly<Record<RuleName, { on(rules: OwnerRules): boolean; forbids: Test }>> = {
  in_front: { on: (rules) => rules.in_front, forbids: (_, { in_front }) => (in_front === null ? null : !in_front) },
  hours: {
    on: ({ hours }) => hours !== null,
    forbids: ({ hours }, _, local) => !(hours ?? []).some((window) => isWithin(local, window)),
  },
  in_use: {
    on: ({ idle_ms }) => idle_ms !== null,
    forbids: (rules, { idle_ms }) => (idle_ms === null ? null : idle_ms < (rules.idle_ms ?? 0)),
  },
  charging: { on: ({ charging }) => charging, forbids: (_, { charging }) => (charging === null ? null : !charging) },
  battery: { on: ({ battery }) => battery !== null, forbids: (rules, { battery }, _, before) => below(battery, rules.battery, before) },
  temperature: {
    on: ({ temperature_c }) => temperature_c !== null,
    forbids: (rules, { temperature_c }, _, before) => above(temperature_c, rules.temperature_c, before),
  },
  cpu_temperature: {
    on: ({ cpu_temperature_c }) => cpu_temperature_c !== null,
    forbids: (rules, { cpu_temperature_c }, _, before) => above(cpu_temperature_c, rules.cpu_temperature_c, before),
  },
  metered: { on: ({ unmetered }) => unmetered, forbids: (_, { metered }) => metered },
  others: {
    on: ({ others }) => others !== null,
    forbids: (rules, { others, memory_pressure }, _, before) =>
      memory_pressure !== null && memory_pressure > MEMORY_PRESSURE_MAX ? true : above(others, rules.others, before),
  },
  power_price: {
    on: ({ power_price }) => power_price !== null,
    forbids: (rules, _, local, before) => above(tariffPrice(rules, local), rules.power_price, before),
  },
};

/** The reason code of each rule. */
export const RULED_OUT: Readonly<Record<RuleName, string>> = {
  in_front: 'page_hidden',
  hours: 'outside_hours',
  in_use: 'in_use',
  charging: 'not_charging',
  battery: 'battery_low',
  temperature: 'too_hot',
  cpu_temperature: 'cpu_too_hot',
  metered: 'metered_network',
  others: 'others_need_it',
  power_price: 'power_too_dear',
};

/**
 * What the owner's rules say of these readings. It never says run while a rule forbids; what cannot be read is no rule, and said; and it
 * does not say run again before nothing has forbidden it for the dwell.
 * @param now_ms monotonic.
 */
export function judge(
  rules: OwnerRules,
  readings: Readings,
  local: LocalTime,
  memory: Memory,
  now_ms: number,
): { verdict: Verdict; memory: Memory } {
  const forbidding = new Set<RuleName>();
  const blind = new Set<RuleName>();
  const views = RULE_NAMES.map((rule): RuleView => {
    const { on, forbids } = TESTS[rule];
    if (!on(rules)) return { rule, verdict: 'off', sentence: 'Not ruled.' };
    const before = memory.forbidding.has(rule);
    const answer = forbids(rules, readings, local, before);
    if (answer === null) {
      if (!rules.must_know.includes(rule)) {
        // A reading that is missing for once is no word that the device is well on the good side again.
        if (before) forbidding.add(rule);
        return { rule, verdict: 'unknown', sentence: `${unknown(rule, readings)} The rule is not applied.` };
      }
      forbidding.add(rule);
      blind.add(rule);
      return { rule, verdict: 'forbids', sentence: `${unknown(rule, readings)} It rests until its owner says that this does not matter.` };
    }
    if (answer) forbidding.add(rule);
    return { rule, verdict: answer ? 'forbids' : 'allows', sentence: RULE_TEXTS[rule](rules, readings, local, answer) };
  });
  const forbidden_ms = views.some(({ verdict }) => verdict === 'forbids') ? now_ms : memory.forbidden_ms;
  return { verdict: verdictOf(rules, views, blind, forbidden_ms, now_ms), memory: { forbidding, forbidden_ms } };
}

function verdictOf(
  rules: OwnerRules,
  views: readonly RuleView[],
  blind: ReadonlySet<RuleName>,
  forbidden_ms: number | null,
  now_ms: number,
): Verdict {
  const forbids = views.filter(({ verdict }) => verdict === 'forbids');
  const [first] = forbids;
  if (first) {
    const how = forbids.some(({ rule }) => rules.at_once.includes(rule)) ? 'at_once' : 'finish';
    const code = blind.has(first.rule) ? `${first.rule}_unknown` : RULED_OUT[first.rule];
    return { run: false, code, sentence: forbids.map(({ sentence }) => sentence).join(' '), how, rules: views };
  }
  const left_ms = forbidden_ms === null ? 0 : forbidden_ms + rules.dwell_ms - now_ms;
  if (left_ms > 0) {
    const sentence = `The rules allow work again; it begins when they have for ${Math.round(rules.dwell_ms / 1_000)} s.`;
    return { run: false, code: 'settling', sentence, how: 'finish', rules: views };
  }
  return { run: true, code: 'ready', sentence: 'The device is free for work.', how: 'finish', rules: views };
}

const unknown = (rule: RuleName, readings: Readings): string => readings.unreadable[rule] ?? 'This device does not tell.';
