import fc from 'fast-check';
import { VERIFICATION_LEVELS } from '#protocol';
import { LEVEL_RULES, LEVELS, type Level } from './levels.js';
import { checkShare, decideOnAgreement, decideOnReport } from './report.js';
import { probationLeft } from './standing.js';
import { after, history, right } from './testing/standings.js';

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('the levels are those that an order can ask for', () => {
  expect([...LEVELS]).toEqual([...VERIFICATION_LEVELS]);
  for (const one of LEVELS) expect(LEVEL_RULES[one].level).toBe(one);
});

test.each<[Level, string, number, string, string]>([
  ['L0', '', 0, 'accept', 'own_verifier'],
  ['L4', '', 0, 'accept', 'trusted_executor'],
  ['L2', '', 0.5, 'replica', 'replica_due'],
  ['L3', right(500), 0, 'replica', 'replica_due'],
  ['L1', '', 0.99, 'reference', 'unconfirmed'],
  ['L1', right(1), 0.99, 'check', 'probation'],
  ['L1', right(14), 0.99, 'check', 'probation'],
  ['L1', right(14), 0.001, 'reference', 'drawn_for_reference'],
  ['L1', right(20), 0.99, 'accept', 'not_drawn'],
  ['L1', right(20), 0.0599, 'check', 'drawn_for_check'],
  ['L1', right(20), 0.0601, 'accept', 'not_drawn'],
  ['L1', right(400), 0.0399, 'check', 'drawn_for_check'],
  ['L1', right(400), 0.0401, 'accept', 'not_drawn'],
  ['L1', right(400), 0.0099, 'reference', 'drawn_for_reference'],
  ['L1', `${right(400)}x`, 0.99, 'reference', 'unconfirmed'],
  ['L1', `${right(400)}x..`, 0.99, 'reference', 'erred'],
  ['L1', `x${right(200)}`, 0.99, 'accept', 'not_drawn'],
])('%s after %j, draw %d: %s because of %s', (name, results, draw, kind, code) => {
  expect(decideOnReport(LEVEL_RULES[name], after(results), draw)).toMatchObject({ kind, reason: { code } });
});

test('checks under way count towards probation, so that a fast newcomer is not checked without end', () => {
  expect(decideOnReport(LEVEL_RULES.L1, after(right(5)), 0.99, 9).reason.code).toBe('probation');
  expect(decideOnReport(LEVEL_RULES.L1, after(right(5)), 0.99, 10).reason.code).toBe('not_drawn');
});

test('no draw, however long the node was right, is without a check below the floor', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('L1' as const, 'L2' as const, 'L3' as const),
      history,
      unit,
      fc.nat(99),
      (name, standing, draw, awaited) => {
        const rules = LEVEL_RULES[name];
        const { kind, reason } = rules.replicas > 1 ? decideOnAgreement(rules, draw) : decideOnReport(rules, standing, draw, awaited);
        expect(reason.sentence).toMatch(/\.$/);
        if (draw < rules.check_share + rules.reference_share) expect(kind).not.toBe('accept');
        expect(checkShare(rules, standing, awaited)).toBeGreaterThanOrEqual(rules.check_share);
        if (rules.replicas === 1 && probationLeft(rules, standing, awaited) > 0) expect(kind).not.toBe('accept');
      },
    ),
  );
});
