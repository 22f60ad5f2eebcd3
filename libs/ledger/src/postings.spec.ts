import fc from 'fast-check';
import { ACCOUNTS, type AccountName } from './accounts.js';
import { Balances, naturalBalance, trialBalance } from './balance.js';
import { batch, checked, type JournalDraft, journal, reversal } from './draft.js';
import { capture, refund, release } from './postings/captures.js';
import { clawback, freeze, planClawback, thaw, unexplained } from './postings/corrections.js';
import { disputeLost, disputeOpened, disputeWon } from './postings/disputes.js';
import { deposit, depositClears, depositFee, depositRefund, promoGrant } from './postings/funding.js';
import { hold, raiseHold, returnUnused, voidHold } from './postings/holds.js';
import { payoutConfirmed, payoutFailed, payoutRejected, payoutRequested, payoutReturned, payoutSent } from './postings/payouts.js';
import { checkPaid, checkReleased, checkVoided, verifierCharged } from './postings/verification.js';
import { allot, grossOf, splitCharge, splitDecision } from './split.js';

const DEV = 'dev';
const OWNER = 'owner';
const PARTNER = 'partner';

/** "debit>credit amount" for a draft of two entries; entries in the order of accounts otherwise. */
const written = (draft: JournalDraft) => draft.entries.map((e) => `${e.account}${e.person ? `/${e.person}` : ''} ${e.amount}`);

const payout = { payout_id: 'p', person: OWNER, amount: 7n };
const dispute = { dispute_id: 'd', developer: DEV, amount: 10n, unspent: 4n };
const parts = { net: 90n, fee: 10n, partner: 0n };

test.each<[string, JournalDraft, string[]]>([
  ['deposit', deposit({ deposit_id: '1', developer: DEV, amount: 5n }), ['1010 5', '2000/dev -5']],
  ['deposit fee', depositFee({ deposit_id: '1', amount: 5n }), ['1010 -5', '5000 5']],
  ['deposit clears', depositClears({ deposit_id: '1', amount: 5n }), ['1000 5', '1010 -5']],
  ['deposit refund', depositRefund({ refund_id: 'r', deposit_id: '1', developer: DEV, amount: 5n }), ['1000 -5', '2000/dev 5']],
  ['hold', hold({ hold_id: 'h', developer: DEV, amount: 9n }), ['2000/dev 9', '2010/dev -9']],
  ['hold.raised', raiseHold({ hold_id: 'h', raise_id: 'r', developer: DEV, amount: 9n }), ['2000/dev 9', '2010/dev -9']],
  ['hold with promo', hold({ hold_id: 'h', developer: DEV, amount: 9n, promo: 4n }), ['2000/dev 5', '2010/dev -9', '2020/dev 4']],
  ['void', voidHold({ hold_id: 'h', developer: DEV, amount: 9n, promo: 9n }), ['2010/dev 9', '2020/dev -9']],
  ['return', returnUnused({ hold_id: 'h', developer: DEV, amount: 3n }), ['2000/dev -3', '2010/dev 3']],
  [
    'capture',
    capture({ capture_id: 'c', hold_id: 'h', developer: DEV, owner: OWNER, gross: 105n, fee_bps: 1_000n }),
    ['2010/dev 105', '2100/owner -95', '2400 -10'],
  ],
  [
    'capture with a partner',
    capture({
      capture_id: 'c',
      hold_id: 'h',
      developer: DEV,
      owner: OWNER,
      gross: 100n,
      fee_bps: 1_000n,
      partner: { person: PARTNER, share_bps: 1_000n },
    }),
    ['2010/dev 100', '2100/owner -90', '2100/partner -1', '2400 -9'],
  ],
  [
    'capture too small for a fee',
    capture({ capture_id: 'c', hold_id: 'h', developer: DEV, owner: OWNER, gross: 1n, fee_bps: 1_000n }),
    ['2010/dev 1', '2100/owner -1'],
  ],
  [
    "runs of a developer's own verifier",
    verifierCharged({ run_id: 'r', hold_id: 'h', job_id: 'j', developer: DEV, amount: 3n }),
    ['2010/dev 3', '4030 -3'],
  ],
  ['a check', checkPaid({ check_id: 'k', job_id: 'j', owner: OWNER, amount: 20n }), ['2100/owner -20', '5040 20']],
  [
    "the release of a check's pay",
    checkReleased({ check_id: 'k', job_id: 'j', owner: OWNER, amount: 20n, reserve: 2n }),
    ['2100/owner 20', '2110/owner -18', '2120/owner -2'],
  ],
  ['a check by a liar', checkVoided({ check_id: 'k', job_id: 'j', owner: OWNER, amount: 20n }), ['2100/owner 20', '5040 -20']],
  [
    'release',
    release({ capture_id: 'c', owner: OWNER, net: 90n, fee: 10n, reserve: 9n }),
    ['2100/owner 90', '2110/owner -81', '2120/owner -9', '2400 10', '4000 -10'],
  ],
  [
    'release of own use',
    release({ capture_id: 'c', owner: OWNER, net: 90n, fee: 10n, reserve: 9n, own_use_of: OWNER }),
    ['2000/owner -90', '2100/owner 90', '2400 10', '4000 -10'],
  ],
  [
    "release of a partner's share",
    release({ capture_id: 'c', owner: OWNER, net: 90n, fee: 9n, partner: { person: PARTNER, amount: 1n } }),
    ['2100/owner 90', '2100/partner 1', '2110/owner -90', '2150/partner -1', '2400 9', '4000 -9'],
  ],
  [
    'release of own use that was promotional in part',
    release({ capture_id: 'c', owner: OWNER, net: 90n, fee: 10n, own_use_of: OWNER, promo: 40n }),
    ['2000/owner -50', '2020/owner -40', '2100/owner 90', '2400 10', '4000 -10'],
  ],
  [
    'release of own use that was promotional',
    release({ capture_id: 'c', owner: OWNER, net: 90n, fee: 10n, own_use_of: OWNER, promo: 100n }),
    ['2020/owner -90', '2100/owner 90', '2400 10', '4000 -10'],
  ],
  [
    "refund of a partner's share",
    refund({ capture_id: 'c', developer: DEV, owner: OWNER, partner: PARTNER, parts: { net: 90n, fee: 9n, partner: 1n } }),
    ['2000/dev -100', '2100/owner 90', '2100/partner 1', '2400 9'],
  ],
  ['refund', refund({ capture_id: 'c', developer: DEV, owner: OWNER, parts }), ['2000/dev -100', '2100/owner 90', '2400 10']],
  [
    'refund of promo',
    refund({ capture_id: 'c', developer: DEV, owner: OWNER, parts, promo: 100n }),
    ['2020/dev -100', '2100/owner 90', '2400 10'],
  ],
  ['payout requested', payoutRequested(payout), ['2110/owner 7', '2130/owner -7']],
  ['payout rejected', payoutRejected(payout), ['2110/owner -7', '2130/owner 7']],
  ['payout sent', payoutSent(payout), ['1000 -7', '1020 7']],
  ['payout confirmed', payoutConfirmed(payout), ['1020 -7', '2130/owner 7']],
  ['payout failed', payoutFailed(payout), ['1000 7', '1020 -7', '2110/owner -7', '2130/owner 7']],
  ['payout returned', payoutReturned(payout), ['1000 7', '2110/owner -7']],
  ['dispute opened', disputeOpened(dispute), ['1000 -10', '1040 10', '2000/dev 4', '2030/dev -4']],
  ['dispute won', disputeWon(dispute), ['1000 10', '1040 -10', '2000/dev -4', '2030/dev 4']],
  ['dispute lost', disputeLost(dispute), ['1040 -10', '1110/dev 6', '2030/dev 4']],
  [
    'clawback',
    clawback({ capture_id: 'c', owner: OWNER, developer: DEV, from_available: 5n, from_reserve: 3n, as_debt: 2n, fee: 1n }),
    ['1100/owner 2', '2000/dev -11', '2110/owner 5', '2120/owner 3', '4000 1'],
  ],
  [
    "clawback of a partner's share and of promotional money",
    clawback({
      capture_id: 'c',
      owner: OWNER,
      developer: DEV,
      from_available: 5n,
      from_reserve: 0n,
      as_debt: 0n,
      fee: 1n,
      partner: { person: PARTNER, from_payable: 2n, as_debt: 1n },
      promo: 4n,
    }),
    ['1100/partner 1', '2000/dev -5', '2020/dev -4', '2110/owner 5', '2150/partner 2', '4000 1'],
  ],
  ['freeze', freeze({ freeze_id: 'f', person: OWNER, role: 'owner', amount: 3n }), ['2110/owner 3', '2140/owner -3']],
  ['thaw', thaw({ freeze_id: 'f', person: DEV, role: 'developer', amount: 3n }), ['2000/dev -3', '2030/dev 3']],
  ['unexplained, out', unexplained({ transaction_id: 't', amount: -3n }), ['1000 -3', '2300 3']],
])('%s', (_, draft, entries) => {
  expect(written(draft)).toEqual(entries);
  expect(draft.key).not.toBe('');
});

test.each<[string, () => unknown, string]>([
  ['an amount of 0', () => deposit({ deposit_id: '1', developer: DEV, amount: 0n }), 'amount_out_of_range'],
  ['a negative amount', () => hold({ hold_id: 'h', developer: DEV, amount: -1n }), 'amount_out_of_range'],
  ['an amount of 2^62', () => depositFee({ deposit_id: '1', amount: 1n << 62n }), 'amount_out_of_range'],
  ['more promo than hold', () => hold({ hold_id: 'h', developer: DEV, amount: 1n, promo: 2n }), 'promo_above_amount'],
  ['a reserve above the net', () => release({ capture_id: 'c', owner: OWNER, net: 1n, fee: 0n, reserve: 2n }), 'reserve_above_net'],
  [
    "a partner's share of nobody",
    () => refund({ capture_id: 'c', developer: DEV, owner: OWNER, parts: { ...parts, partner: 1n } }),
    'journal_malformed',
  ],
  ['a dispute of less than is frozen', () => disputeOpened({ ...dispute, unspent: 11n }), 'unspent_above_dispute'],
  ['a person left out', () => deposit({ deposit_id: '1', developer: '', amount: 1n }), 'journal_malformed'],
  ['a journal that moves nothing', () => journal('k', 'k', []), 'journal_malformed'],
  [
    'an unbalanced manual journal',
    () => checked({ kind: 'manual', key: 'm', refs: {}, entries: [{ account: 1000, person: null, amount: 1n }] }),
    'journal_unbalanced',
  ],
  [
    'a code outside the chart',
    () => checked({ kind: 'manual', key: 'm', refs: {}, entries: [{ account: 9999 as 1000, person: null, amount: 1n }] }),
    'journal_malformed',
  ],
  ['basis points above 100 %', () => splitCharge(10n, 10_001n), 'basis_points_out_of_range'],
  ['a refund above the capture', () => splitDecision(parts, 101n), 'refund_above_capture'],
])('%s is refused', (_, make, code) => {
  expect(make).toThrow(expect.objectContaining({ code }));
});

test('codes are unique, floors and sides as in the chart', () => {
  const accounts = Object.values(ACCOUNTS);
  expect(new Set(accounts.map((a) => a.code)).size).toBe(accounts.length);
  for (const name of Object.keys(ACCOUNTS) as AccountName[]) {
    const { code, side } = ACCOUNTS[name];
    expect(side).toBe(code < 2000 || code >= 5000 ? 'debit' : 'credit');
    expect(naturalBalance(code, 3n)).toBe(side === 'debit' ? 3n : -3n);
  }
});

test('a journey from deposit to payout leaves every balance where it belongs', () => {
  const book = new Balances();
  const taken = capture({ capture_id: 'c', hold_id: 'h', developer: DEV, owner: OWNER, gross: 400n, fee_bps: 1_000n });
  const pay = { payout_id: 'p', person: OWNER, amount: 360n };
  for (const draft of [
    deposit({ deposit_id: '1', developer: DEV, amount: 1_000n }),
    depositFee({ deposit_id: '1', amount: 30n }),
    depositClears({ deposit_id: '1', amount: 970n }),
    hold({ hold_id: 'h', developer: DEV, amount: 600n }),
    taken,
    returnUnused({ hold_id: 'h', developer: DEV, amount: 200n }),
    release({ capture_id: 'c', owner: OWNER, net: taken.parts.net, fee: taken.parts.fee }),
    payoutRequested(pay),
    payoutSent(pay),
    payoutConfirmed(pay),
  ])
    book.post(draft);
  const natural = (code: Parameters<Balances['natural']>[0], person?: string) => book.natural(code, person ?? null);
  expect(natural(2000, DEV)).toBe(600n);
  expect(natural(2010, DEV)).toBe(0n);
  expect(natural(2110, OWNER)).toBe(0n);
  expect(natural(4000)).toBe(40n);
  expect(natural(1000)).toBe(610n);
  expect(trialBalance(book.rows())).toEqual({ asset: 610n, liability: 600n, equity: 0n, income: 40n, expense: 30n, difference: 0n });
});

test('a floor refuses the whole draft and changes nothing', () => {
  const book = new Balances();
  book.post(deposit({ deposit_id: '1', developer: DEV, amount: 5n }));
  expect(() => book.post(hold({ hold_id: 'h', developer: DEV, amount: 6n }))).toThrow(
    expect.objectContaining({ code: 'insufficient_funds', details: expect.objectContaining({ account: 2000, short_micro: '1' }) }),
  );
  expect(book.natural(2000, DEV)).toBe(5n);
  expect(book.natural(2010, DEV)).toBe(0n);
});

test('a batch nets the hot account to one entry; a reversal undoes it and names it', () => {
  const take = (i: number) => capture({ capture_id: `c${i}`, hold_id: 'h', developer: DEV, owner: `o${i}`, gross: 100n, fee_bps: 1_000n });
  const draft = batch('capture.batch', 'lease:1:batch:1', [take(1), take(2), take(3)]);
  expect(written(draft)).toEqual(['2010/dev 300', '2100/o1 -90', '2100/o2 -90', '2100/o3 -90', '2400 -30']);
  const undo = reversal({ ...draft, id: 'j1' });
  expect(undo.refs).toEqual({ reverses: 'j1' });
  const book = new Balances();
  book.add(draft.entries);
  book.add(undo.entries);
  expect(book.rows().every((row) => row.amount === 0n)).toBe(true);
});

test('promotional money is granted against the expense', () => {
  expect(written(promoGrant({ grant_id: 'g', developer: DEV, amount: 3n }))).toEqual(['2020/dev -3', '5050 3']);
});

const amount = fc.bigInt({ min: 1n, max: (1n << 62n) - 1n });
const bps = fc.bigInt({ min: 0n, max: 10_000n });

test('property: the parts of a charge sum to the charge, and so do those of a decision', () => {
  fc.assert(
    fc.property(amount, bps, bps, bps, (gross, fee_bps, partner_bps, refund_bps) => {
      const split = splitCharge(gross, fee_bps, partner_bps);
      expect(grossOf(split)).toBe(gross);
      const back = (gross * refund_bps) / 10_000n;
      const { refunded, released } = splitDecision(split, back);
      expect(grossOf(refunded)).toBe(back);
      expect(grossOf(refunded) + grossOf(released)).toBe(gross);
      for (const part of [...Object.values(refunded), ...Object.values(released)]) expect(part >= 0n).toBe(true);
    }),
  );
});

test('property: shares sum to the total and are off by less than one unit', () => {
  fc.assert(
    fc.property(amount, fc.array(fc.bigInt({ min: 0n, max: 1n << 40n }), { minLength: 1, maxLength: 20 }), (total, weights) => {
      const shares = allot(total, weights);
      const sum = weights.reduce((a, b) => a + b, 0n);
      expect(shares.reduce((a, b) => a + b, 0n)).toBe(total);
      shares.forEach((share, i) => {
        const [weight, whole] = sum === 0n ? [1n, BigInt(weights.length)] : [weights[i] ?? 0n, sum];
        const off = share * whole - total * weight;
        expect(off < whole && off > -whole).toBe(true);
      });
    }),
  );
});

test('property: a clawback takes exactly the net, from free money first', () => {
  const money = fc.bigInt({ min: 0n, max: 1n << 50n });
  fc.assert(
    fc.property(amount, money, money, (net, available, reserve) => {
      const plan = planClawback(net, available, reserve);
      expect(plan.from_available + plan.from_reserve + plan.as_debt).toBe(net);
      expect(plan.from_available <= available && plan.from_reserve <= reserve).toBe(true);
      if (plan.as_debt > 0n) expect(plan.from_available + plan.from_reserve).toBe(available + reserve);
    }),
  );
});

test('property: captures of one lease pay the fee of their sum, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: 1n, max: 30n }), { minLength: 1, maxLength: 40 }),
      fc.bigInt({ min: 0n, max: 10_000n }),
      (cuts, fee_bps) => {
        let charged_before = 0n;
        let fees = 0n;
        for (const [i, gross] of cuts.entries()) {
          const { parts } = capture({ capture_id: `${i}`, hold_id: 'h', developer: 'd', owner: 'o', gross, fee_bps, charged_before });
          expect(parts.net + parts.fee).toBe(gross);
          expect(parts.net).toBeGreaterThanOrEqual(0n);
          charged_before += gross;
          fees += parts.fee;
        }
        expect(fees).toBe((charged_before * fee_bps) / 10_000n);
      },
    ),
  );
});
