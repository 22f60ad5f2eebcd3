import fc from 'fast-check';
import { policySentence } from './reasons.js';
import {
  type AuditOutcome,
  audited,
  corruptionScore,
  dayPassed,
  isVetted,
  newcomer,
  offlineScore,
  STANDING_RULES,
  type StorageStanding,
  verdict,
} from './standing.js';
import { numbers } from './testing/devices.js';

const HOUR_MS = 3_600_000;
const after = (outcomes: readonly AuditOutcome[], from: StorageStanding = newcomer()): StorageStanding =>
  outcomes.reduce((standing, outcome) => audited(standing, outcome, 0), from);
const times = (count: number, outcome: AuditOutcome): AuditOutcome[] => new Array(count).fill(outcome);
const days = (seen: readonly boolean[]): StorageStanding => seen.reduce((standing, there) => dayPassed(standing, there), newcomer());

test.each([
  ['nothing', [], 'good', 'in_good_standing'],
  ['a first error', ['corrupt'], 'good', 'in_good_standing'],
  ['two losses', times(2, 'lost'), 'good', 'in_good_standing'],
  ['wrong bytes twice', times(2, 'corrupt'), 'suspended', 'pieces_damaged'],
  ['three losses', times(3, 'lost'), 'suspended', 'pieces_damaged'],
  ['five losses', times(5, 'lost'), 'suspended', 'pieces_damaged'],
  ['six losses', times(6, 'lost'), 'disqualified', 'pieces_lost'],
  ['wrong bytes three times', times(3, 'corrupt'), 'disqualified', 'pieces_lost'],
  [
    'a loss in ten for long',
    Array.from({ length: 400 }, (_, i): AuditOutcome => (i % 10 === 9 ? 'lost' : 'passed')),
    'disqualified',
    'pieces_lost',
  ],
  ['wrong bytes twice, long ago', [...times(2, 'corrupt'), ...times(60, 'passed')], 'good', 'in_good_standing'],
  ['out is out', [...times(6, 'lost'), ...times(500, 'passed')], 'disqualified', 'pieces_lost'],
  ['silence', ['silent'], 'contained', 'silent'],
  ['silence and an answer', ['silent', 'silent', 'passed'], 'good', 'in_good_standing'],
  ['silence four times: a loss', times(4, 'silent'), 'good', 'in_good_standing'],
  ['silence for ever', times(24, 'silent'), 'disqualified', 'pieces_lost'],
] as const)('%s', (_, outcomes, of, code) => {
  const { verdict: is, reason } = verdict(after(outcomes));
  expect([is, reason.code]).toEqual([of, code]);
  expect(policySentence(reason)).toMatch(/\.$/);
});

test('silence is followed by three requests, later and later, and costs nothing until the last', () => {
  let standing = newcomer();
  for (const [rechecks, wait] of [1, 6, 24].entries()) {
    standing = audited(standing, 'silent', 1_000);
    expect(standing.contained).toEqual({ rechecks, due_ms: 1_000 + wait * HOUR_MS });
    expect(corruptionScore(standing)).toBe(1);
  }
  standing = audited(standing, 'silent', 1_000);
  expect(standing.contained).toBeNull();
  expect(corruptionScore(standing)).toBeCloseTo(0.98, 6);
});

test('the two scores are apart', () => {
  expect(offlineScore(after(times(5, 'lost')))).toBe(1);
  expect(corruptionScore(days(new Array(40).fill(false)))).toBe(1);
});

test.each([
  [15, 'good'],
  [16, 'suspended'],
  [60, 'suspended'],
] as const)('%d days away in a row: %s', (count, of) => {
  const standing = days(new Array(count).fill(false));
  expect(verdict(standing).verdict).toBe(of);
  // Who is there again is good again, and never out for having been away.
  expect(verdict(new Array(60).fill(true).reduce((is: StorageStanding, there) => dayPassed(is, there), standing)).verdict).toBe('good');
});

test('a phone that skips a day in ten is good, one that skips every other is not', () => {
  expect(verdict(days(Array.from({ length: 200 }, (_, i) => i % 10 !== 0))).verdict).toBe('good');
  expect(verdict(days(Array.from({ length: 200 }, (_, i) => i % 2 === 0))).reason.code).toBe('away_too_often');
});

test('28 audits make a device known', () => {
  expect(isVetted(after(times(27, 'passed')))).toBe(false);
  expect(isVetted(after(times(28, 'passed')))).toBe(true);
});

test('scores stay between 0 and 1, and an audit that is passed never lowers one', () => {
  const outcome = fc.constantFrom<AuditOutcome>('passed', 'lost', 'corrupt', 'silent');
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 200 }), (outcomes) => {
      const standing = after(outcomes);
      const score = corruptionScore(standing);
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
      expect(corruptionScore(audited(standing, 'passed', 0))).toBeGreaterThanOrEqual(score - 1e-12);
      expect(corruptionScore(audited(standing, 'corrupt', 0))).toBeLessThanOrEqual(corruptionScore(audited(standing, 'lost', 0)));
      expect(standing.disqualified || score >= STANDING_RULES.disqualified_below).toBe(true);
    }),
  );
});

test('of 400 devices whose bytes decay once in a thousand audits none is out after a year at four a day', () => {
  const random = numbers(11);
  let out = 0;
  for (let i = 0; i < 400; i++) {
    let standing = newcomer();
    for (let audit = 0; audit < 1_460; audit++) standing = audited(standing, random() < 1e-3 ? 'lost' : 'passed', 0);
    if (standing.disqualified) out++;
  }
  expect(out).toBe(0);
});

test('who has lost a fifth of its pieces is out after 60 audits on average, and none of 200 lasts for 250', () => {
  const random = numbers(12);
  let slowest = 0;
  let all = 0;
  for (let i = 0; i < 200; i++) {
    let standing = newcomer();
    let audits = 0;
    for (; !standing.disqualified && audits < 1_000; audits++) standing = audited(standing, random() < 0.2 ? 'lost' : 'passed', 0);
    slowest = Math.max(slowest, audits);
    all += audits;
  }
  expect(all / 200).toBeLessThan(60);
  expect(slowest).toBeLessThan(250);
});
