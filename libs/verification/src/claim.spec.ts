import { type Claim, checkReveal, decideOnReplicas, sameClaim } from './claim.js';
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

test.each<[string, string | null, string | null, string | null]>([
  ['what was committed to', 'a', 'a', null],
  ['nothing was committed to', null, 'a', 'commitment_missing'],
  ['a result without its nonce', 'a', null, 'commitment_missing'],
  ['another result', 'a', 'b', 'commitment_broken'],
])('a reveal: %s', (_, commitment, revealed, code) => {
  expect(checkReveal(commitment, revealed)?.code ?? null).toBe(code);
});
