import fc from 'fast-check';
import { Balances } from './balance.js';
import {
  checkAmounts,
  checkBalances,
  checkCaptures,
  checkConservation,
  checkControlTotals,
  checkHolds,
  checkJournalsBalance,
  checkOneCurrency,
  checkSequence,
  checkTrialBalance,
  type EntryRow,
  idempotency,
} from './checks.js';
import type { JournalDraft } from './draft.js';
import { captureFrom, isResolved, openHold, promoLeft, remaining, resolveHold, returnFrom } from './hold.js';
import { INVARIANTS, type InvariantId } from './invariants.js';
import { capture, refund, release } from './postings/captures.js';
import { deposit } from './postings/funding.js';
import { hold, returnUnused, voidHold } from './postings/holds.js';

const row = (journal_id: string, account: number, amount: bigint, currency = 'USD'): EntryRow => ({
  journal_id,
  account: account as EntryRow['account'],
  person: null,
  amount,
  currency,
});
const sound = [row('a', 1000, 5n), row('a', 3000, -5n)];
const flows = { deposits: 100n, operator_funds: 20n, refunds: 10n, payouts: 30n, fees: 3n, losses: 2n, unexplained: -1n };
const whole = { id: 'h', amount: 10n, captured: 6n, returned: 4n, voided: 0n, resolved: true };

test.each<[InvariantId, () => { invariant: InvariantId }[], () => { invariant: InvariantId }[]]>([
  ['I1', () => checkJournalsBalance(sound), () => checkJournalsBalance([...sound, row('a', 1000, 1n)])],
  // Two currencies that cancel each other still break both their sums.
  ['I1', () => checkJournalsBalance(sound), () => checkJournalsBalance([row('b', 1000, 1n), row('b', 3000, -1n, 'EUR')])],
  ['I5', () => checkHolds([whole]), () => checkHolds([{ ...whole, resolved: false }])],
  ['I6', () => checkHolds([whole]), () => checkHolds([{ ...whole, returned: 3n }])],
  ['I6', () => checkHolds([{ ...whole, returned: 1n, resolved: false }]), () => checkHolds([{ ...whole, captured: 11n, returned: -1n }])],
  [
    'I6',
    () => checkCaptures([{ id: 'c', gross: 5n, released: 3n, refunded: 2n, resolved: true }]),
    () => checkCaptures([{ id: 'c', gross: 5n, released: 3n, refunded: 1n, resolved: true }]),
  ],
  ['I8', () => checkOneCurrency(sound), () => checkOneCurrency([...sound, row('a', 1000, 1n, 'EUR')])],
  ['I10', () => checkAmounts(sound), () => checkAmounts([row('a', 1000, 1n << 62n)])],
  ['I10', () => checkAmounts(sound), () => checkAmounts([row('a', 1000, 0n)])],
  ['I11', () => checkBalances([row('', 1000, 5n)], [row('', 1000, 5n)]), () => checkBalances([row('', 1000, 5n)], [row('', 1000, 4n)])],
  ['I11', () => checkBalances([], []), () => checkBalances([], [row('', 1000, 4n)])],
  ['I14', () => checkTrialBalance(sound), () => checkTrialBalance([row('a', 1000, 5n), row('a', 3000, -4n)])],
  [
    'I17',
    () => checkControlTotals([{ name: 'held', ledger: 5n, business: 5n }]),
    () => checkControlTotals([{ name: 'held', ledger: 5n, business: 6n }]),
  ],
  ['I24', () => checkSequence('2000', [2n, 1n, 3n]), () => checkSequence('2000', [1n, 3n])],
  ['I24', () => checkSequence('2000', []), () => checkSequence('2000', [1n, 1n])],
  ['I28', () => checkConservation(74n, flows), () => checkConservation(75n, flows)],
])('%s holds on sound rows and is caught by its own name on broken ones', (id, soundRows, brokenRows) => {
  expect(soundRows()).toEqual([]);
  const breaches = brokenRows();
  expect(breaches.length).toBeGreaterThan(0);
  expect(new Set(breaches.map((b) => b.invariant))).toEqual(new Set([id]));
});

test('the list has I1 to I30, each with its own name', () => {
  expect(Object.keys(INVARIANTS)).toEqual(Array.from({ length: 30 }, (_, i) => `I${i + 1}`));
  expect(new Set(Object.values(INVARIANTS).map((i) => i.name)).size).toBe(30);
});

test.each([
  [undefined, 'new'],
  [{ input_hash: 'x' }, 'replay'],
  [{ input_hash: 'y' }, 'conflict'],
] as const)('I4: a key with stored %p gives %s', (stored, outcome) => {
  expect(idempotency(stored, 'x')).toBe(outcome);
});

test('a hold is captured, resolved once and then refuses every step', () => {
  const taken = captureFrom(openHold(10n), 6n);
  expect(remaining(taken)).toBe(4n);
  expect(() => captureFrom(taken, 5n)).toThrow(expect.objectContaining({ code: 'capture_above_hold' }));
  const done = resolveHold(taken);
  expect(done).toEqual({ amount: 10n, captured: 6n, returned: 4n, voided: 0n });
  for (const step of [() => resolveHold(done), () => captureFrom(done, 1n), () => returnFrom(done, 1n)])
    expect(step).toThrow(expect.objectContaining({ code: 'hold_resolved' }));
  expect(resolveHold(openHold(10n)).voided).toBe(10n);
});

test.each([
  [5n, 0n, 5n],
  [5n, 3n, 2n],
  [5n, 9n, 0n],
])('of %d promotional money, after %d captured, %d are left', (promo, captured, left) => {
  expect(promoLeft(promo, captured)).toBe(left);
});

/**
 * Random lives of holds against the ledger: whatever is drawn, floors, trial balance, control totals and hold
 * arithmetic hold after every step.
 */
test('property: any life of a hold keeps the books', () => {
  const step = fc.record({ kind: fc.constantFrom('capture', 'return', 'release', 'refund'), bps: fc.bigInt({ min: 1n, max: 10_000n }) });
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 1n << 50n }),
      fc.bigInt({ min: 0n, max: 10_000n }),
      fc.array(step, { maxLength: 12 }),
      (amount, fee_bps, steps) => {
        const book = new Balances();
        const post = (draft: JournalDraft) => book.post(draft);
        post(deposit({ deposit_id: '1', developer: 'd', amount }));
        post(hold({ hold_id: 'h', developer: 'd', amount }));
        let state = openHold(amount);
        const open: { id: string; net: bigint; fee: bigint; partner: bigint }[] = [];
        steps.forEach(({ kind, bps }, i) => {
          const part = (remaining(state) * bps) / 10_000n;
          if (kind === 'capture' && part > 0n) {
            const draft = capture({ capture_id: `${i}`, hold_id: 'h', developer: 'd', owner: 'o', gross: part, fee_bps });
            post(draft);
            state = captureFrom(state, part);
            open.push({ id: `${i}`, ...draft.parts });
          } else if (kind === 'return' && part > 0n) {
            post(returnUnused({ hold_id: 'h', return_id: `${i}`, developer: 'd', amount: part }));
            state = returnFrom(state, part);
          } else if (kind === 'release' || kind === 'refund') {
            const taken = open.pop();
            if (taken && kind === 'release') post(release({ capture_id: taken.id, owner: 'o', net: taken.net, fee: taken.fee }));
            if (taken && kind === 'refund') post(refund({ capture_id: taken.id, developer: 'd', owner: 'o', parts: taken }));
          }
          expect(checkTrialBalance(book.rows())).toEqual([]);
          const sum = (key: 'net' | 'fee') => open.reduce((total, taken) => total + taken[key], 0n);
          expect(
            checkControlTotals([
              { name: 'held', ledger: book.natural(2010, 'd'), business: remaining(state) },
              { name: 'pending', ledger: book.natural(2100, 'o'), business: sum('net') },
              { name: 'deferred', ledger: book.natural(2400), business: sum('fee') },
            ]),
          ).toEqual([]);
        });
        if (!isResolved(state)) {
          post(voidHold({ hold_id: 'h', developer: 'd', amount: remaining(state) }));
          state = resolveHold(state);
        }
        expect(checkHolds([{ id: 'h', ...state, resolved: true }])).toEqual([]);
        expect(book.natural(2010, 'd')).toBe(0n);
      },
    ),
  );
});

test('a part that is returned early is at most what is left', () => {
  const hold = captureFrom(openHold(10n), 4n);
  expect(returnFrom(hold, 6n)).toMatchObject({ captured: 4n, returned: 6n });
  expect(() => returnFrom(hold, 7n)).toThrow(expect.objectContaining({ code: 'return_above_hold' }));
});
