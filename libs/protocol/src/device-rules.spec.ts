import fc from 'fast-check';
import {
  type DeviceRules,
  deviceRules,
  isNewer,
  NO_RULES,
  SAFE_RULES,
  slotsAllowed,
  type Versioned,
  WORD_ORIGINS,
  withinLimits,
} from './device-rules.js';

const word: fc.Arbitrary<Versioned> = fc.record({ version: fc.integer({ min: 1, max: 4 }), origin: fc.constantFrom(...WORD_ORIGINS) });
const newest = (words: readonly Versioned[]) => words.reduce<Versioned | null>((now, next) => (isNewer(next, now) ? next : now), null);

test('both homes of a word come to the same one, in whatever order they hear of all', () => {
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
      const one = newest(words);
      expect(newest([...words].reverse())).toEqual(one);
      expect(newest([...words, ...words])).toEqual(one);
      expect(one?.version).toBe(Math.max(...words.map(({ version }) => version)));
    }),
  );
});

test.each<[Versioned, Versioned | null, boolean]>([
  [{ version: 1, origin: 'heap' }, null, true],
  [{ version: 2, origin: 'heap' }, { version: 1, origin: 'device' }, true],
  [{ version: 2, origin: 'heap' }, { version: 2, origin: 'device' }, false],
  [{ version: 2, origin: 'device' }, { version: 2, origin: 'heap' }, true],
  [{ version: 2, origin: 'heap' }, { version: 2, origin: 'heap' }, false],
])('is %j newer than %j: %s', (one, other, expected) => expect(isNewer(one, other)).toBe(expected));

test.each([
  ['the safe rules', SAFE_RULES],
  ['none', NO_RULES],
])('%s are valid, and JSON keeps them', (_, rules) => expect(deviceRules.parse(JSON.parse(JSON.stringify(rules)))).toEqual(rules));

test.each<[string, Partial<DeviceRules>]>([
  ['a time zone that is none', { time_zone: '+02:00' }],
  ['no hours at all', { hours: [] }],
  ['hours that end when they begin', { hours: [{ weekdays: [1], from_minute: 60, to_minute: 60 }] }],
  ['an eighth weekday', { hours: [{ weekdays: [8], from_minute: 0, to_minute: 60 }] }],
  ['no slot', { slots: 0 }],
  ['more than all of the processor', { cpu_share: 1.1 }],
  ['a battery of 120 %', { battery: { leave: 1.2, enter: 1.2 } }],
])('%s is no rule', (_, change) => expect(deviceRules.safeParse({ ...SAFE_RULES, ...change }).success).toBe(false));

test('rules from elsewhere never make a device work hotter than it allows', () => {
  expect(withinLimits(NO_RULES)).toMatchObject({ temperature_c: { leave: 45 }, cpu_temperature_c: { leave: 95 } });
  const limit = fc.option(fc.record({ leave: fc.integer({ min: -20, max: 120 }), enter: fc.integer({ min: -20, max: 120 }) }));
  fc.assert(
    fc.property(limit, limit, (temperature_c, cpu_temperature_c) => {
      const bounded = withinLimits({ ...SAFE_RULES, temperature_c, cpu_temperature_c });
      expect(bounded.temperature_c?.leave).toBe(Math.min(temperature_c?.leave ?? 45, 45));
      expect(bounded.cpu_temperature_c?.leave).toBe(Math.min(cpu_temperature_c?.leave ?? 95, 95));
      expect(withinLimits(bounded)).toEqual(bounded);
    }),
  );
});

test.each<[number | null, number | null, number, number | null, number]>([
  [null, null, 4, 8, 4],
  [2, null, 4, 8, 2],
  [9, null, 4, 8, 4],
  [null, 0.25, 4, 8, 2],
  [null, 0.01, 4, 8, 1],
  [null, 0.7, 8, 10, 7],
  [1, 0.5, 4, 8, 1],
  [null, 0.5, 4, null, 4],
])('slots %s, share %s of %s allotted on %s cores: %s', (slots, cpu_share, allotted, cores, allowed) =>
  expect(slotsAllowed({ slots, cpu_share }, allotted, cores)).toBe(allowed),
);
