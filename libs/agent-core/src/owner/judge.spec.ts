import fc from 'fast-check';
import { judge, type Memory, NO_MEMORY, type Verdict } from './judge.js';
import type { LocalTime } from './local-time.js';
import { NOTHING_READ, type Readings } from './readings.js';
import { HOURS_ALWAYS, NO_RULES, type OwnerRules, RULE_NAMES, SAFE_RULES } from './rules.js';

const MONDAY_NOON: LocalTime = { weekday: 1, minute: 720 };
const GOOD: Readings = {
  ...NOTHING_READ,
  battery: 0.95,
  charging: true,
  temperature_c: 30,
  cpu_temperature_c: 60,
  metered: false,
  idle_ms: 600_000,
  others: 0.05,
  load: 0.1,
};

const once = (rules: OwnerRules, readings: Readings, local = MONDAY_NOON) => judge(rules, readings, local, NO_MEMORY, 0).verdict;

/** A device over time: one judgement a step. */
function judged(rules: OwnerRules, steps: readonly { at_ms: number; readings: Readings; local?: LocalTime }[]): Verdict[] {
  let memory: Memory = NO_MEMORY;
  return steps.map(({ at_ms, readings, local = MONDAY_NOON }) => {
    const judgement = judge(rules, readings, local, memory, at_ms);
    memory = judgement.memory;
    return judgement.verdict;
  });
}

const NIGHTS = { weekdays: [1, 2, 3, 4, 5], from_minute: 22 * 60, to_minute: 6 * 60 };
const DEAR = { ...HOURS_ALWAYS, price: 0.4 };
const PRICED: OwnerRules = { ...NO_RULES, power_price: { leave: 0.3, enter: 0.25 }, tariff: [DEAR] };

describe('what an owner rules', () => {
  test.each<[string, OwnerRules, Partial<Readings>, LocalTime, string, 'finish' | 'at_once', RegExp]>([
    ['hours', { ...SAFE_RULES, hours: [NIGHTS] }, {}, MONDAY_NOON, 'outside_hours', 'finish', /It is Mon 12:00 in UTC, outside your hours/],
    ['use', SAFE_RULES, { idle_ms: 5_000 }, MONDAY_NOON, 'in_use', 'at_once', /was used 5 s ago; it is left alone until that is 2 min/],
    ['mains', SAFE_RULES, { charging: false }, MONDAY_NOON, 'not_charging', 'finish', /runs on its battery/],
    ['battery', SAFE_RULES, { battery: 0.79 }, MONDAY_NOON, 'battery_low', 'at_once', /at 79 % \(at least 80 %, again at 83 %\)/],
    ['warmth', SAFE_RULES, { temperature_c: 41 }, MONDAY_NOON, 'too_hot', 'at_once', /at 41 °C \(at most 40 °C, again at 37 °C\)/],
    ['processor', SAFE_RULES, { cpu_temperature_c: 95 }, MONDAY_NOON, 'cpu_too_hot', 'at_once', /processor is at 95 °C/],
    ['network', SAFE_RULES, { metered: true }, MONDAY_NOON, 'metered_network', 'finish', /costs by the byte/],
    ['others', { ...SAFE_RULES, others: { leave: 0.5, enter: 0.3 } }, { others: 0.7 }, MONDAY_NOON, 'others_need_it', 'finish', /use 70 %/],
    [
      'memory',
      { ...SAFE_RULES, others: { leave: 0.5, enter: 0.3 } },
      { memory_pressure: 0.4 },
      MONDAY_NOON,
      'others_need_it',
      'finish',
      /wait for memory 40 % of the time/,
    ],
    ['price', PRICED, {}, MONDAY_NOON, 'power_too_dear', 'finish', /A kWh costs 0.4 now \(at most 0.3, again at 0.25\)/],
  ])('%s', (_, rules, readings, local, code, how, sentence) => {
    expect(once(rules, GOOD, local)).toMatchObject(code === 'outside_hours' || code === 'power_too_dear' ? { run: false } : { run: true });
    const verdict = once(rules, { ...GOOD, ...readings }, local);
    expect(verdict).toMatchObject({ run: false, code, how });
    expect(verdict.sentence).toMatch(sentence);
  });

  test.each<[string, LocalTime, boolean]>([
    ['Monday 21:59', { weekday: 1, minute: 1_319 }, false],
    ['Monday 22:00', { weekday: 1, minute: 1_320 }, true],
    ['Tuesday 5:59', { weekday: 2, minute: 359 }, true],
    ['Tuesday 6:00', { weekday: 2, minute: 360 }, false],
    ['Saturday 5:59, of Friday night', { weekday: 6, minute: 359 }, true],
    ['Saturday 22:00', { weekday: 6, minute: 1_320 }, false],
    ['Monday 5:59, of Sunday night', { weekday: 1, minute: 359 }, false],
  ])('weekday nights: %s', (_, local, run) => {
    expect(once({ ...NO_RULES, hours: [NIGHTS] }, NOTHING_READ, local).run).toBe(run);
  });

  test('the exact figure is allowed, what crosses it is not', () => {
    expect(once(SAFE_RULES, { ...GOOD, battery: 0.8, temperature_c: 40 }).run).toBe(true);
    expect(once(SAFE_RULES, { ...GOOD, battery: 0.7999 }).run).toBe(false);
  });

  test('a limit that was crossed forbids until the reading is well on its good side', () => {
    const rules = { ...SAFE_RULES, dwell_ms: 0 };
    const warm = (temperature_c: number, at_ms: number) => ({ at_ms, readings: { ...GOOD, temperature_c } });
    const verdicts = judged(rules, [warm(39, 0), warm(41, 1), warm(39, 2), warm(37.1, 3), warm(37, 4), warm(39, 5)]);
    expect(verdicts.map(({ run }) => run)).toEqual([true, false, false, false, true, true]);
  });

  test('a reading that is missing for once does not let work begin again within the limit', () => {
    const rules = { ...SAFE_RULES, dwell_ms: 0 };
    const full = (battery: number | null, at_ms: number) => ({ at_ms, readings: { ...GOOD, battery } });
    const verdicts = judged(rules, [full(0.79, 0), full(null, 1), full(0.81, 2), full(0.83, 3), full(null, 4), full(0.81, 5)]);
    expect(verdicts.map(({ code }) => code)).toEqual(['battery_low', 'ready', 'battery_low', 'ready', 'ready', 'ready']);
  });

  test('work begins again when nothing has forbidden it for the dwell, and it is said', () => {
    const used = (idle_ms: number, at_ms: number) => ({ at_ms, readings: { ...GOOD, idle_ms } });
    const verdicts = judged(SAFE_RULES, [used(1_000, 0), used(120_000, 119_000), used(120_000, 178_999), used(120_000, 179_000)]);
    expect(verdicts.map(({ code }) => code)).toEqual(['in_use', 'ready', 'ready', 'ready']);
    const short = judged(SAFE_RULES, [used(1_000, 0), used(120_000, 30_000), used(120_000, 60_000)]);
    expect(short.map(({ code }) => code)).toEqual(['in_use', 'settling', 'ready']);
    expect(short[1]?.sentence).toContain('60 s');
  });

  test('what cannot be told is no rule, and said', () => {
    const verdict = once(SAFE_RULES, { ...NOTHING_READ, unreadable: { battery: 'This device has no battery.' } });
    expect(verdict.run).toBe(true);
    const unknown = verdict.rules.filter((view) => view.verdict === 'unknown');
    expect(unknown.map(({ rule }) => rule)).toEqual(['in_use', 'charging', 'battery', 'temperature', 'cpu_temperature', 'metered']);
    expect(verdict.rules.find(({ rule }) => rule === 'battery')?.sentence).toBe('This device has no battery. The rule is not applied.');
    expect(verdict.rules.find(({ rule }) => rule === 'charging')?.sentence).toBe('This device does not tell. The rule is not applied.');
  });

  test('what must be known and cannot be told forbids, and says how to go on', () => {
    const verdict = once({ ...SAFE_RULES, must_know: ['charging'] }, NOTHING_READ);
    expect(verdict).toMatchObject({ run: false, code: 'charging_unknown', how: 'finish' });
    expect(verdict.sentence).toBe('This device does not tell. It rests until its owner says that this does not matter.');
    expect(once({ ...SAFE_RULES, charging: false, must_know: ['charging'] }, NOTHING_READ).run).toBe(true);
  });

  test('a page that is not in front is left at once, and one without a page is not asked', () => {
    const rules = { ...SAFE_RULES, in_front: true };
    expect(once(rules, { ...GOOD, in_front: false })).toMatchObject({ run: false, code: 'page_hidden', how: 'at_once' });
    expect(once(rules, { ...GOOD, in_front: true }).run).toBe(true);
    expect(once(rules, GOOD).run).toBe(true);
  });

  test('all reasons at once fit into what the heap takes', () => {
    const rules = {
      ...SAFE_RULES,
      in_front: true,
      hours: [NIGHTS],
      others: { leave: 0.5, enter: 0.3 },
      power_price: PRICED.power_price,
      tariff: [DEAR],
    };
    const bad = {
      battery: 0.1,
      charging: false,
      temperature_c: 80,
      cpu_temperature_c: 99,
      metered: true,
      in_front: false,
      idle_ms: 0,
      others: 1,
    };
    const verdict = once(rules, { ...GOOD, ...bad });
    expect(verdict.rules.filter(({ verdict: v }) => v === 'forbids')).toHaveLength(RULE_NAMES.length);
    expect(verdict.code).toBe('page_hidden');
    expect(verdict.how).toBe('at_once');
  });
});

const share = fc.double({ min: 0, max: 1, noNaN: true });
const degrees = fc.double({ min: -20, max: 120, noNaN: true });
const pair = (value: fc.Arbitrary<number>, high: boolean) =>
  fc.option(
    fc
      .tuple(value, value)
      .map(([a, b]) => ({ leave: high ? Math.min(a, b) : Math.max(a, b), enter: high ? Math.max(a, b) : Math.min(a, b) })),
  );
const window = fc.record({
  weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
  from_minute: fc.integer({ min: 0, max: 1_439 }),
  to_minute: fc.integer({ min: 1, max: 1_440 }),
});
const rulesArbitrary: fc.Arbitrary<OwnerRules> = fc.record({
  time_zone: fc.constant('UTC'),
  in_front: fc.boolean(),
  hours: fc.option(fc.array(window, { minLength: 1, maxLength: 3 })),
  idle_ms: fc.option(fc.integer({ min: 0, max: 600_000 })),
  charging: fc.boolean(),
  battery: pair(share, true),
  temperature_c: pair(degrees, false),
  cpu_temperature_c: pair(degrees, false),
  unmetered: fc.boolean(),
  others: pair(share, false),
  power_price: pair(share, false),
  tariff: fc.array(
    fc.tuple(window, share).map(([hours, price]) => ({ ...hours, price })),
    { maxLength: 3 },
  ),
  slots: fc.option(fc.integer({ min: 1, max: 8 })),
  cpu_share: fc.option(share),
  dwell_ms: fc.integer({ min: 0, max: 120_000 }),
  must_know: fc.subarray([...RULE_NAMES]),
  at_once: fc.subarray([...RULE_NAMES]),
  finish_ms: fc.constant(1_000),
});
const readingsArbitrary: fc.Arbitrary<Readings> = fc.record({
  battery: fc.option(share),
  charging: fc.option(fc.boolean()),
  temperature_c: fc.option(degrees),
  cpu_temperature_c: fc.option(degrees),
  metered: fc.option(fc.boolean()),
  in_front: fc.option(fc.boolean()),
  idle_ms: fc.option(fc.integer({ min: 0, max: 700_000 })),
  others: fc.option(share),
  load: fc.option(share),
  memory_pressure: fc.option(share),
  unreadable: fc.constant({}),
});
const localArbitrary = fc.record({ weekday: fc.integer({ min: 1, max: 7 }), minute: fc.integer({ min: 0, max: 1_439 }) });
const history = fc.array(fc.tuple(fc.integer({ min: 0, max: 30_000 }), readingsArbitrary, localArbitrary), { minLength: 1, maxLength: 40 });

const stepsOf = (all: readonly [number, Readings, LocalTime][]) => {
  let at_ms = 0;
  return all.map(([later_ms, readings, local]) => {
    at_ms += later_ms;
    return { at_ms, readings, local };
  });
};

/** The owner's own figures, without memory: what must hold whenever the device works. */
function crosses(rules: OwnerRules, r: Readings): boolean {
  return (
    (rules.in_front && r.in_front === false) ||
    (rules.charging && r.charging === null && rules.must_know.includes('charging')) ||
    (rules.idle_ms !== null && r.idle_ms !== null && r.idle_ms < rules.idle_ms) ||
    (rules.charging && r.charging === false) ||
    (rules.battery !== null && r.battery !== null && r.battery < rules.battery.leave) ||
    (rules.temperature_c !== null && r.temperature_c !== null && r.temperature_c > rules.temperature_c.leave) ||
    (rules.cpu_temperature_c !== null && r.cpu_temperature_c !== null && r.cpu_temperature_c > rules.cpu_temperature_c.leave) ||
    (rules.unmetered && r.metered === true) ||
    (rules.others !== null && r.others !== null && r.others > rules.others.leave)
  );
}

describe('whatever happens', () => {
  test('a device never works beyond a figure of its owner', () => {
    fc.assert(
      fc.property(rulesArbitrary, history, (rules, all) => {
        const steps = stepsOf(all);
        for (const [i, verdict] of judged(rules, steps).entries()) {
          const step = steps[i];
          if (verdict.run && step && crosses(rules, step.readings)) throw new Error(`runs at step ${i}`);
          expect(verdict.run).toBe(verdict.code === 'ready');
          if (verdict.run) expect(verdict.rules.every((view) => view.verdict !== 'forbids')).toBe(true);
        }
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  test('it does not come and go faster than the dwell', () => {
    fc.assert(
      fc.property(rulesArbitrary, history, (rules, all) => {
        const steps = stepsOf(all);
        let left_ms: number | null = null;
        let before = true;
        for (const [i, { run }] of judged(rules, steps).entries()) {
          const at_ms = steps[i]?.at_ms ?? 0;
          if (before && !run) left_ms = at_ms;
          if (!before && run && left_ms !== null) expect(at_ms - left_ms).toBeGreaterThanOrEqual(rules.dwell_ms);
          before = run;
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  test('a sensor that tells nothing changes nothing but that it is said', () => {
    fc.assert(
      fc.property(rulesArbitrary, localArbitrary, (rules, local) => {
        const untimed = { ...rules, hours: null, power_price: null, must_know: [] };
        const verdict = judge(untimed, NOTHING_READ, local, NO_MEMORY, 0).verdict;
        expect(verdict.run).toBe(true);
        expect(
          verdict.rules.every((view) => view.verdict === 'off' || (view.verdict === 'unknown' && view.sentence.endsWith('not applied.'))),
        ).toBe(true);
      }),
      { seed: 8, numRuns: 200 },
    );
  });
});
