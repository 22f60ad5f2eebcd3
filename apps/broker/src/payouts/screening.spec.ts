import { type PayoutFacts, screen } from './screening.js';

const HOUR_S = 3600;
const good: PayoutFacts = {
  identity: 'active',
  payouts_enabled: true,
  bank_age_s: 100 * HOUR_S,
  credentials_age_s: null,
  cool_down_s: 72 * HOUR_S,
  debt: 0n,
  frozen: false,
  amount: 5_000_000n,
  minimum: 1_000_000n,
  payable: 10_000_000n,
  recent: { count: 0, amount: 0n },
  limits: { count: 3, amount: 20_000_000n },
};

test.each<[string, Partial<PayoutFacts>, string, string | undefined]>([
  ['everything in order', {}, 'pass', undefined],
  ['no bank details to change', { bank_age_s: null }, 'pass', undefined],
  ['the bank details are just old enough', { bank_age_s: 72 * HOUR_S }, 'pass', undefined],
  ['the bank details are one second too new', { bank_age_s: 72 * HOUR_S - 1 }, 'wait', 'bank_details_new'],
  ['the password is one second too new', { credentials_age_s: 72 * HOUR_S - 1 }, 'wait', 'credentials_new'],
  ['the password is just old enough', { credentials_age_s: 72 * HOUR_S }, 'pass', undefined],
  ['a shorter cool-down', { credentials_age_s: 60, bank_age_s: 60, cool_down_s: 60 }, 'pass', undefined],
  ['never checked', { identity: 'new' }, 'wait', 'identity_missing'],
  ['being checked', { identity: 'pending' }, 'wait', 'identity_missing'],
  ['the check has lapsed', { identity: 'lapsed' }, 'wait', 'identity_missing'],
  ['rejected', { identity: 'rejected', debt: 1n }, 'refuse', 'identity_rejected'],
  ['payouts are off', { payouts_enabled: false }, 'wait', 'payouts_disabled'],
  ['a debt', { debt: 1n }, 'refuse', 'debt_open'],
  ['frozen', { frozen: true }, 'refuse', 'account_frozen'],
  ['exactly the minimum', { amount: 1_000_000n }, 'pass', undefined],
  ['below the minimum', { amount: 999_999n }, 'refuse', 'below_minimum'],
  ['more than is payable', { payable: 4_999_999n }, 'refuse', 'own_cluster'],
  ['the last of the day', { recent: { count: 2, amount: 15_000_000n } }, 'pass', undefined],
  ['one too many', { recent: { count: 3, amount: 0n } }, 'refuse', 'too_many_payouts'],
  ['too much in a day', { recent: { count: 1, amount: 15_000_001n } }, 'refuse', 'daily_limit'],
  ['what is never paid does not wait', { identity: 'pending', debt: 1n }, 'refuse', 'debt_open'],
])('%s', (_, facts, verdict, code) => {
  const outcome = screen({ ...good, ...facts });
  expect(outcome.verdict).toBe(verdict);
  expect('reason' in outcome ? outcome.reason.code : undefined).toBe(code);
  if ('reason' in outcome) expect(outcome.reason.sentence).toMatch(/^[A-Z0-9].*\.$/);
});
