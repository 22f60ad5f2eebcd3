import type { EarningsInfo, FundsInfo } from '#sdk';
import { earningsText, fundsText } from './earnings.js';

const held = { code: 'in_holdback', sentence: 'Earned; becomes payable in 3 days.' };
const earnings: EarningsInfo = {
  currency: 'EUR',
  simulated: false,
  earned_micro: 9_000_000n,
  held_micro: 3_000_000n,
  held: [{ day: '2026-12-02', until: '2026-12-02T10:00:00Z', amount_micro: 3_000_000n, captures: 2, reason: held }],
  reserve: { amount_micro: 500_000n, until: '2027-01-01T00:00:00Z', reason: { code: 'in_reserve', sentence: 'It comes back.' } },
  payable_micro: 500_000n,
  withheld: null,
  in_flight_micro: 0n,
  in_flight: [],
  paid_micro: 5_000_000n,
  taken_back_micro: 0n,
  debt_micro: 0n,
  threshold: { minimum_micro: 1_000_000n, missing_micro: 500_000n, per_day_micro: 1_000_000n, expected_at: '2026-12-02T10:00:00Z' },
  payout: { code: 'below_minimum', sentence: '0.50 more are needed for a payout.' },
};

test('every amount that waits has its reason, and the next payout its day', () => {
  const text = earningsText(earnings, '2026-11-29');
  expect(text).toContain('Held:      3.00 EUR\n');
  expect(text).toContain('2026-12-02  3.00 EUR  Earned; becomes payable in 3 days.');
  expect(text).toContain('Reserve:   0.50 EUR  It comes back.');
  expect(text).toContain('02█');
  expect(text).toMatch(/Payout: +from 1\.00 EUR on, 0\.50 EUR are missing: about 2026-12-02$/);
  const ready = { ...earnings, threshold: { ...earnings.threshold, missing_micro: 0n }, debt_micro: 1n };
  expect(earningsText(ready, '2026-11-29')).toContain('Debt:      0.000001 EUR, paid by what you earn next');
  expect(earningsText(ready, '2026-11-29')).toMatch(/Payout: +0\.50 more are needed/);
});

test('funds say what is held for which job and why money is frozen', () => {
  const funds: FundsInfo = {
    currency: 'EUR',
    simulated: true,
    available_micro: 4_000_000n,
    promo_micro: 1_000_000n,
    held_micro: 2_000_000n,
    held: [{ job_id: 'j1', name: 'render', amount_micro: 2_000_000n, reason: held }],
    frozen_micro: 3_000_000n,
    frozen: { code: 'payer_blocked', sentence: 'A payment is disputed.' },
    debt_micro: 0n,
    refundable_micro: 0n,
    job_cap_micro: null,
    day_cap_micro: 9_000_000n,
    spent_today_micro: 0n,
    day_ends_at: '2026-11-30T00:00:00Z',
  };
  const text = fundsText(funds);
  expect(text).toContain('To spend:   5.00 EUR (simulated), of which 1.00 EUR (simulated) promotional');
  expect(text).toContain('j1  2.00 EUR (simulated)  render');
  expect(text).toContain('A payment is disputed.');
  expect(text).toContain('no cap a job, 9.00 EUR (simulated) a day');
});
