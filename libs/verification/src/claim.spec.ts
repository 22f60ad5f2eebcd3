import fc from 'fast-check';
import { type Claim, type Committed, checkReveal, commitmentText, decideOnReplicas, sameClaim } from './claim.js';
import { claim } from './testing/standings.js';

test.each<[string, Claim, boolean]>([
  ['the same', claim('a'), true],
  ['another output', claim('b'), false],
  ['more fuel', claim('a', { fuel_used: 8n }), false],
  ['another exit code', claim('a', { exit_code: 1 }), false],
  ['another verdict', claim('a', { verdict: 'trap' }), false],
])('a claim against %s', (_, other, same) => {
  expect(sameClaim(claim('a'), other)).toBe(same);
  expect(decideOnReplicas(claim('a'), other).kind).toBe(same ? 'agreed' : 'reference');
});

describe('commit, then reveal', () => {
  const hash = (text: string): string => `#${text}`;
  const made: Committed = { ...claim('a'), job_id: 'j', index: 3, epoch: 1, node_id: 'n', nonce: 'r' };
  const commitment = hash(commitmentText(made));

  test.each<[string, string | null, Partial<Committed>, string | null]>([
    ['what was committed to', commitment, {}, null],
    ['nothing was committed to', null, {}, 'commitment_missing'],
    ["another node's commitment", commitment, { node_id: 'm' }, 'commitment_broken'],
    ['the commitment of an earlier execution', commitment, { epoch: 2 }, 'commitment_broken'],
    ['a result changed after the other was seen', commitment, { output_hash: 'b' }, 'commitment_broken'],
    ['more fuel than committed to', commitment, { fuel_used: 9n }, 'commitment_broken'],
    ['another nonce', commitment, { nonce: 's' }, 'commitment_broken'],
  ])('%s', (_, given, more, code) => {
    expect(checkReveal(given, { ...made, ...more }, hash)?.code ?? null).toBe(code);
  });

  test('different results have different texts', () => {
    const word = fc.string({ unit: fc.constantFrom('a', '0', '-'), minLength: 1, maxLength: 3 });
    const some = fc.record({
      ...{ job_id: word, index: fc.nat(12), epoch: fc.nat(12), node_id: word, nonce: word, verdict: word },
      ...{ exit_code: fc.option(fc.nat(2)), output_hash: word, fuel_used: fc.bigInt({ min: 0n, max: 20n }) },
    });
    fc.assert(
      fc.property(some, some, (a, b) => {
        expect(commitmentText(a) === commitmentText(b)).toBe(JSON.stringify(a, big) === JSON.stringify(b, big));
      }),
    );
  });
});

const big = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
