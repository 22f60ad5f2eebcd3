import { decideRejected, FAILED_MAX, OVERRULED_MAX, readVerdict, type VerifierRun, verifierStop, WHY_MAX } from './own-verifier.js';

const run = (output: string, more: Partial<VerifierRun> = {}): VerifierRun => ({
  verdict: 'ok',
  detail: null,
  exit_code: 0,
  output,
  ...more,
});
const accepts = { kind: 'accepts' };
const rejects = (why: string) => ({ kind: 'rejects', why });
const fails = (why: string) => ({ kind: 'fails', why });
const NO_ANSWER = 'it answered neither true, nor false, nor {accept, reason}';

test.each<[string, VerifierRun, object]>([
  ['true', run('true'), accepts],
  ['false', run('false'), rejects('no reason given')],
  ['an object that accepts', run('{"accept":true,"reason":"fine"}'), accepts],
  ['an object that rejects', run('{"accept":false,"reason":" too small\\n"}'), rejects('too small')],
  ['a reason that is none', run('{"accept":false,"reason":7}'), rejects('no reason given')],
  ['a reason without end', run(`{"accept":false,"reason":"${'x'.repeat(WHY_MAX + 9)}"}`), rejects('x'.repeat(WHY_MAX))],
  ['a reason that no database keeps', run('{"accept":false,"reason":"a\\u0000b"}'), rejects('a\uFFFDb')],
  ['nothing', run(''), fails(NO_ANSWER)],
  ['null', run('null'), fails(NO_ANSWER)],
  ['a number', run('1'), fails(NO_ANSWER)],
  ['an object that says neither', run('{"reason":"hm"}'), fails(NO_ANSWER)],
  ['a trap', run('true', { verdict: 'trap', detail: 'Error: oops', exit_code: null }), fails('it ended as trap: Error: oops')],
  ['its fuel used up', run('true', { verdict: 'out-of-fuel', exit_code: null }), fails('it ended as out-of-fuel')],
])('JavaScript that answers %s', (_, given, verdict) => {
  expect(readVerdict('javascript', given)).toEqual(verdict);
});

test.each<[string, VerifierRun, object]>([
  ['0', run(''), accepts],
  ['0 by exit', run('', { verdict: 'exit', exit_code: 0 }), accepts],
  ['1', run('too small', { verdict: 'exit', exit_code: 1 }), rejects('too small')],
  ['another code', run('', { verdict: 'exit', exit_code: 2 }), fails('it ended with the exit code 2')],
  ['a trap', run('', { verdict: 'trap', detail: 'unreachable', exit_code: null }), fails('it ended as trap: unreachable')],
])('a command that ends with %s', (_, given, verdict) => {
  expect(readVerdict('wasm', given)).toEqual(verdict);
});

test('a verifier is stopped for rejecting what is right, or for failing, and not before', () => {
  expect(verifierStop({ overruled: OVERRULED_MAX - 1, failed: FAILED_MAX - 1 })).toBeNull();
  expect(verifierStop({ overruled: OVERRULED_MAX, failed: 0 })?.code).toBe('verifier_rejects_right_results');
  expect(verifierStop({ overruled: 0, failed: FAILED_MAX })?.code).toBe('verifier_fails');
});

test("only the heap's own run decides on what was rejected, and both sides are told why", () => {
  const upheld = decideRejected(false, 'expected 4');
  expect([upheld.state, upheld.reason.code]).toEqual(['UPHELD', 'rejection_upheld']);
  expect(upheld.reason.sentence).toContain('Rejected by your verifier: expected 4. The heap came to another result');
  expect(decideRejected(true, 'ugly!')).toMatchObject({ state: 'OVERRULED', reason: { code: 'rejection_overruled' } });
});
