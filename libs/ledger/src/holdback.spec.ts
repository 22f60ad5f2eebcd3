import { holdbackOf } from './holdback.js';

const DAY = 86_400;

test.each([
  [false, false, 3 * DAY, 30 * DAY, 3 * DAY, 'verification'],
  [true, false, 3 * DAY, 30 * DAY, 30 * DAY, 'new_payer'],
  [false, true, 3 * DAY, 30 * DAY, 30 * DAY, 'new_owner'],
  [true, true, 3 * DAY, 30 * DAY, 30 * DAY, 'new_payer'],
  [true, true, 31 * DAY, 30 * DAY, 31 * DAY, 'verification'],
  [true, true, 30 * DAY, 30 * DAY, 30 * DAY, 'verification'],
  [true, true, 2, 0, 2, 'verification'],
] as const)(
  'payer new %s, owner new %s, windows %i and %i: held for %i, %s',
  (payer_new, owner_new, verification_s, newcomer_s, seconds, code) => {
    expect(holdbackOf({ payer_new, owner_new }, { verification_s, newcomer_s })).toEqual({ seconds, code });
  },
);
