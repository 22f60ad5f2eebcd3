import fc from 'fast-check';
import { LEVEL_RULES } from './levels.js';
import { decideAppeal, decideOnAppeal, isBan, lapsed, type OnRecord, penalise } from './penalties.js';
import { probationLeft } from './standing.js';
import { after, right } from './testing/standings.js';

test.each<[string, string, string]>([
  ['the first error of a newcomer', '', 'probation'],
  ['the first error after a clean history', right(300), 'probation'],
  ['two in a hundred, as honest hardware has once in a while', `x${right(98)}`, 'probation'],
  ['two in a row', 'x', 'probation'],
  ['three in a row', 'xx', 'ban_device'],
  ['three in five', 'x.x.', 'ban_device'],
  ['three in six', 'x.x..', 'probation'],
  ['four in 40', `x${right(18)}xx${right(18)}`, 'ban_device'],
  ['four in 41', `x${right(18)}xx${right(19)}`, 'probation'],
  ['five in 126', `x${right(30)}x${right(30)}x${right(30)}x${right(31)}`, 'ban_device'],
  ['five in 130', `x${right(31)}x${right(31)}x${right(31)}x${right(32)}`, 'probation'],
])('%s', (_, before, kind) => {
  const { penalty, standing } = penalise(LEVEL_RULES.L1, after(before), 'wrong');
  expect(penalty.kind).toBe(kind);
  expect(penalty.forfeits_reserve).toBe(false);
  expect(penalty.lapses_after_ms !== null).toBe(isBan(penalty));
  expect(probationLeft(LEVEL_RULES.L1, standing)).toBe(LEVEL_RULES.L1.probation_results);
});

test.each(['agreed_on_a_lie', 'contradicted_itself'] as const)('%s is no accident: key and identity are out for good', (offence) => {
  const { penalty } = penalise(LEVEL_RULES.L1, after(right(999)), offence);
  expect(penalty).toMatchObject({ kind: 'ban_identity', lapses_after_ms: null, forfeits_reserve: true, reason: { code: offence } });
  expect(penalty.reason.sentence).toMatch(/appeal/i);
});

test('a standing that erred is never better than one that did not, and more errors never earn less', () => {
  const severity = { probation: 0, ban_device: 1, ban_identity: 2 };
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 40 }), fc.nat(39), (results, at) => {
      const text = results.map((ok) => (ok ? '.' : 'x'));
      const worse = text.map((one, i) => (i === at ? 'x' : one)).join('');
      const [a, b] = [after(text.join('')), after(worse)].map((s) => severity[penalise(LEVEL_RULES.L1, s, 'wrong').penalty.kind]);
      expect(b).toBeGreaterThanOrEqual(a as number);
      expect(after(worse).confirmed).toBeLessThanOrEqual(after(text.join('')).confirmed);
    }),
  );
});

const day = 86_400_000;

const record: OnRecord = { kind: 'ban_device', age_ms: day, lapses_after_ms: 90 * day, probation_left: 20, appeal: 'none' };

test.each<[string, Partial<OnRecord>, boolean, string]>([
  ['a fresh ban', {}, false, 'appeal_open'],
  ['a ban appealed before', { appeal: 'refused' }, false, 'appeal_used'],
  ['an appeal under way', { appeal: 'open' }, false, 'appeal_used'],
  ['an appeal granted', { appeal: 'granted' }, true, 'appeal_used'],
  ['after a month', { age_ms: 31 * day }, false, 'appeal_too_late'],
  ['a ban for errors after 90 days', { age_ms: 90 * day }, true, 'lapsed'],
  ['a lie after ten years', { kind: 'ban_identity', lapses_after_ms: null, age_ms: 3650 * day }, false, 'appeal_too_late'],
  ['probation that is served', { kind: 'probation', lapses_after_ms: null, probation_left: 0 }, true, 'lapsed'],
  ['probation that is not', { kind: 'probation', lapses_after_ms: null, probation_left: 1 }, false, 'appeal_open'],
])('%s', (_, more, over, code) => {
  expect(lapsed({ ...record, ...more })).toBe(over);
  const { admitted, reason } = decideOnAppeal({ ...record, ...more });
  expect([reason.code, admitted]).toEqual([code, code === 'appeal_open']);
});

test('an appeal is decided by the re-run alone', () => {
  expect(decideAppeal(true)).toMatchObject({ granted: true, reason: { code: 'appeal_granted' } });
  expect(decideAppeal(false)).toMatchObject({ granted: false, reason: { code: 'appeal_refused' } });
});
