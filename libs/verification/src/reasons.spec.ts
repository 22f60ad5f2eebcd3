import type { Sentences } from '#lifecycle';
import { CHECK_REASONS, EXECUTOR_REASONS, OWN_CHECK_REASONS, PENALTY_REASONS, VERIFIER_STOP_REASONS, WINDOW_REASONS } from './reasons.js';

test.each<[string, Sentences]>([
  ['check', CHECK_REASONS],
  ['penalty', PENALTY_REASONS],
  ['executor', EXECUTOR_REASONS],
  ['window', WINDOW_REASONS],
  ['own check', OWN_CHECK_REASONS],
  ['verifier', VERIFIER_STOP_REASONS],
])('%s reasons are whole sentences with every fact filled in', (_, sentences) => {
  const facts = {
    left: 3,
    share: 0.05,
    checks: 2,
    open: 9,
    probation: 20,
    wrong: 3,
    checked: 40,
    days: 30,
    cap: 50,
    confirmed: 1,
    needed: 20,
    wait_ms: 5,
    why: 'it is too small',
    overruled: 3,
    failed: 10,
    budget_micro: 10_000n,
  };
  for (const [code, sentence] of Object.entries(sentences)) {
    expect(code).toMatch(/^[a-z][a-z_]{0,63}$/);
    expect(sentence(facts)).toMatch(/^[A-Z0-9].*\.$/);
    expect(sentence(facts)).not.toMatch(/undefined|NaN|\[object/);
  }
});
