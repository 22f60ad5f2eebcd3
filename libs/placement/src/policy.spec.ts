import fc from 'fast-check';
import { VOLUME_CLASSES, VOLUME_CODES } from '#units';
import { AUDIT_RULES, auditHorizon, nextAudit } from './audits.js';
import { durability, SEGMENT_LOSS } from './durability.js';
import { happiness } from './happiness.js';
import { independent } from './independent.js';
import { policySentence } from './reasons.js';
import { pieceAfter, presenceRules, repairNeeded, URGENT, withinBudget } from './repair.js';
import { device, devices, numbers } from './testing/devices.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FAR = { independent: 1_000, always_on: 1_000 };

describe('independent', () => {
  test.each([
    [[], 0],
    [devices(7), 7],
    [devices(7, (i) => ({ cluster: `owner ${i % 3}` })), 3],
    [devices(7, (i) => ({ prefix: `net ${i % 2}` })), 2],
    [devices(7, () => ({ prefix: null })), 7],
    // a and b share a network, b and c an owner: two of them stand for themselves, whoever is looked at first.
    [[device(1, { cluster: 'a', prefix: 'x' }), device(2, { cluster: 'b', prefix: 'x' }), device(3, { cluster: 'b', prefix: 'y' })], 2],
    [[device(3, { cluster: 'b', prefix: 'x' }), device(2, { cluster: 'b', prefix: 'y' }), device(1, { cluster: 'a', prefix: 'x' })], 2],
  ])('case %#', (all, count) => {
    expect(independent(all)).toBe(count);
  });

  test('is what the best choice among all choices comes to', () => {
    const few = fc.array(fc.record({ cluster: fc.nat(4).map(String), prefix: fc.option(fc.nat(4).map(String), { freq: 6 }) }), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(few, (all) => {
        let best = 0;
        for (let chosen = 0; chosen < 1 << all.length; chosen++) {
          const some = all.filter((_, i) => (chosen >> i) & 1);
          const prefixes = some.flatMap(({ prefix }) => (prefix === null ? [] : [prefix]));
          const apart = new Set(some.map(({ cluster }) => cluster)).size === some.length && new Set(prefixes).size === prefixes.length;
          if (apart) best = Math.max(best, some.length);
        }
        expect(independent(all)).toBe(best);
      }),
    );
  });
});

describe('happiness', () => {
  const always = (count: number, of: number) => devices(of, (i) => ({ online_share: i < count ? 0.95 : 0.4 }));

  test.each([
    ['standard', always(12, 32), FAR, true, 'acknowledged'],
    ['standard', always(12, 31), FAR, false, 'awaits_pieces'],
    ['standard', always(11, 40), FAR, false, 'awaits_always_on'],
    ['standard', always(11, 32), { independent: 90, always_on: 11 }, true, 'acknowledged'],
    ['standard', always(0, 32), { independent: 90, always_on: 0 }, true, 'acknowledged'],
    ['standard', always(20, 20), { independent: 25, always_on: 20 }, false, 'too_few_independent_devices'],
    ['standard', devices(40, (i) => ({ cluster: `owner ${i % 31}` })), { independent: 50, always_on: 0 }, false, 'awaits_pieces'],
    ['cold', always(18, 50), FAR, true, 'acknowledged'],
    ['cold', always(18, 49), FAR, false, 'awaits_pieces'],
    ['small', always(0, 8), FAR, true, 'acknowledged'],
    ['small', always(0, 7), FAR, false, 'awaits_pieces'],
    ['small', always(0, 4), { independent: 4, always_on: 0 }, true, 'acknowledged'],
    ['small', always(0, 2), { independent: 2, always_on: 0 }, false, 'too_few_independent_devices'],
  ] as const)('%s, case %#', (volume_class, stored, reach, acknowledged, code) => {
    const happy = happiness(volume_class, stored, reach);
    expect(happy).toMatchObject({ acknowledged, reason: { code } });
    expect(policySentence(happy.reason)).toMatch(/\.$/);
  });
});

describe('audits', () => {
  const keeper = fc.record({ pieces: fc.integer({ min: 1, max: 5_000 }), online_share: fc.double({ min: 0.05, max: 1, noNaN: true }) });

  test('each piece is due within 44 hours, after three quarters of its gap at the earliest', () => {
    fc.assert(
      fc.property(keeper, fc.nat(), (at, seed) => {
        const wait = nextAudit(0, at, numbers(seed));
        expect(wait).toBeLessThanOrEqual(44 * HOUR_MS);
        const gap = Math.min(44 * HOUR_MS, at.pieces * at.online_share * 12 * HOUR_MS);
        expect(wait).toBeGreaterThanOrEqual(0.75 * gap - 1);
        expect(wait).toBeLessThanOrEqual(gap + 1);
      }),
    );
  });

  test.each([1, 2, 3, 4, 7, 40])('a device with %d pieces that is always on is asked twice a day at least', (pieces) => {
    const random = numbers(pieces);
    const due = Array.from({ length: pieces }, () => nextAudit(0, { pieces, online_share: 1 }, random));
    let asked = 0;
    for (let hour = 0; hour < 24 * 30; hour++)
      due.forEach((at, i) => {
        if (at > hour * HOUR_MS) return;
        asked++;
        due[i] = nextAudit(hour * HOUR_MS, { pieces, online_share: 1 }, random);
      });
    // The first round has only begun: a device that has just got its pieces.
    expect(asked / 30).toBeGreaterThanOrEqual(AUDIT_RULES.per_day * 0.9);
  });

  test('a phone is asked for what falls due while it is away', () => {
    expect(auditHorizon(0, { online_share: 1 })).toBe(0);
    expect(auditHorizon(DAY_MS, { online_share: 0.35 })).toBe(DAY_MS + 0.65 * DAY_MS);
  });
});

describe('repair', () => {
  test.each([
    ['standard', 40, 0, false, 0, 'enough_pieces'],
    ['standard', 29, 0, false, 11, 'enough_pieces'],
    ['standard', 28, 0, true, 12, 'repair_due'],
    ['standard', 28, 1, false, 11, 'repair_under_way'],
    ['standard', 20, 8, true, 12, 'repair_due'],
    ['standard', 10, 0, true, 30, 'repair_due'],
    ['standard', 9, 0, false, 31, 'too_few_pieces'],
    ['cold', 46, 0, true, 18, 'repair_due'],
    ['small', 7, 0, true, 3, 'repair_due'],
  ] as const)('%s with %d there and %d coming', (volume_class, there, coming, now, make, code) => {
    const need = repairNeeded({ class: volume_class, there, coming });
    expect(need).toMatchObject({ now, make, reason: { code } });
    expect(policySentence(need.reason)).toMatch(/^\d+ piece.*\.$/);
  });

  test('the heap repairs a small volume from its own copy, whatever is left', () => {
    expect(repairNeeded({ class: 'small', there: 0, coming: 0, operator_copy: true })).toMatchObject({ now: true, make: 10, urgency: 1 });
  });

  test.each(VOLUME_CLASSES)('%s: fewer pieces are more urgent', (volume_class) => {
    const { k, n } = VOLUME_CODES[volume_class];
    const urgency = (there: number) => repairNeeded({ class: volume_class, there, coming: 0 }).urgency;
    expect([urgency(n), urgency(k)]).toEqual([0, 1]);
    for (let there = k; there < n; there++) expect(urgency(there)).toBeGreaterThan(urgency(there + 1));
  });

  test.each([
    ['standard', 'phone', 71, 'there'],
    ['standard', 'phone', 72, 'missing'],
    ['standard', 'always on', 71, 'there'],
    ['standard', 'phone', 72 + 14 * 24 - 1, 'missing'],
    ['standard', 'phone', 72 + 14 * 24, 'gone'],
    ['small', 'phone', 47, 'there'],
    ['small', 'phone', 48, 'missing'],
    ['small', 'always on', 23, 'there'],
    ['small', 'always on', 24, 'missing'],
  ] as const)('%s, %s: away for %d hours is %s', (volume_class, kind, hours, state) => {
    expect(pieceAfter(5, 5 + hours * HOUR_MS, presenceRules(volume_class, kind === 'always on'))).toBe(state);
  });

  test('the budget goes to the most urgent; what cannot wait goes beyond it, and is told', () => {
    const repair = fc.record({
      class: fc.constantFrom(...VOLUME_CLASSES),
      urgency: fc.double({ min: 0, max: 1, noNaN: true }),
      bytes: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.array(repair, { maxLength: 40 }), fc.nat(1_000), (repairs, budget) => {
        const { take, postponed, bytes, beyond_budget } = withinBudget(repairs, budget);
        expect(take.length + postponed.length).toBe(repairs.length);
        expect(bytes).toBe(take.reduce((sum, { bytes: of }) => sum + of, 0));
        expect(postponed.every(({ class: of, urgency }) => urgency < URGENT[of])).toBe(true);
        if (beyond_budget === 0) expect(bytes).toBeLessThanOrEqual(budget);
        const waiting = postponed[0]?.urgency ?? 0;
        expect(take.filter(({ class: of, urgency }) => urgency < URGENT[of]).every(({ urgency }) => urgency >= waiting)).toBe(true);
      }),
    );
  });

  test('22 of 28 pieces, 36 of 46 and 5 of 7 do not wait', () => {
    const urgency = (volume_class: 'standard' | 'cold' | 'small', there: number) =>
      repairNeeded({ class: volume_class, there, coming: 0 }).urgency;
    for (const [of, there] of [
      ['standard', 22],
      ['cold', 36],
      ['small', 5],
    ] as const) {
      expect(urgency(of, there)).toBeGreaterThanOrEqual(URGENT[of]);
      expect(urgency(of, there + 1)).toBeLessThan(URGENT[of]);
    }
  });
});

describe('durability in words', () => {
  const healthy = { class: 'standard', segments: 64, least_there: 33, least_always_on: 12, strains: [] } as const;

  test('of a volume that is well', () => {
    const { durable, annual_loss, sentence, doubts } = durability(healthy);
    expect([durable, doubts]).toEqual([true, []]);
    expect(annual_loss).toBeCloseTo(64 * SEGMENT_LOSS.standard.fifth, 15);
    expect(sentence).toBe(
      'Of 500 million such volumes one loses something in a year; of 50 thousand, if three tenths of all devices are lost at once four times a year.',
    );
    expect(durability({ ...healthy, class: 'cold', least_there: 60, least_always_on: 18 }).sentence).toMatch(
      /^Of 2 million billion such volumes /,
    );
  });

  test('what does not hold is said', () => {
    const strains = [
      { limit: 'agent_version', label: '1.2.0', pieces: 40, most: 8 },
      { limit: 'agent_version', label: '1.2.0', pieces: 30, most: 8 },
      { limit: 'unvetted', label: null, pieces: 12, most: 2 },
    ] as const;
    expect(durability({ ...healthy, least_there: 28, least_always_on: 3, strains })).toMatchObject({
      durable: false,
      doubts: [
        'A segment has 28 of 40 pieces: it is repaired at 28, and lost below 10.',
        'A segment has 3 pieces on devices that are always on: it may be out of reach while phones are away.',
        'Up to 40 of 40 pieces of a segment depend on one agent version (1.2.0), instead of at most 8.',
        'Up to 12 of 40 pieces of a segment are on devices that are not known yet, instead of at most 2.',
      ],
    });
  });

  test('a small volume is never durable', () => {
    expect(durability({ ...healthy, class: 'small', least_there: 9 })).toMatchObject({ durable: false, annual_loss: null, doubts: [] });
    expect(durability({ ...healthy, class: 'small' }).sentence).toMatch(/^Not durable: .* one segment in 6 thousand a year\.$/);
  });

  test('an empty one promises nothing', () => {
    expect(durability({ ...healthy, segments: 0, least_there: 0, least_always_on: 0 })).toMatchObject({
      sentence: 'Nothing is stored yet.',
      annual_loss: 0,
      doubts: [],
    });
  });
});
