import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * `npm run test:mutants`: changes one thing in the compiled money code, runs the suite that must notice, and puts the file back; thirty
 * times over. Exits with 1 when a mutant lives. A mutant whose text is not found is an error, so that none is skipped in silence.
 */
const root = path.resolve(import.meta.dirname, '../../..');
const lib = (file: string) => path.join(root, 'dist/libs/ledger/src', file);

interface Mutant {
  name: string;
  file: string;
  from: string;
  to: string;
}
const mutant = (name: string, file: string, from: string, to: string): Mutant => ({ name, file: lib(file), from, to });

const MUTANTS: readonly Mutant[] = [
  mutant('an unbalanced draft passes', 'draft.js', 'if (sum !== 0n)', 'if (false)'),
  mutant('an amount of zero passes', 'draft.js', 'amount <= 0n', 'amount < 0n'),
  mutant('an amount of 2^62 passes', 'draft.js', 'amount >= AMOUNT_LIMIT', 'amount > AMOUNT_LIMIT'),
  mutant('a journal that moves nothing passes', 'draft.js', 'if (draft.entries.length === 0)', 'if (false)'),
  mutant('an unknown account passes', 'draft.js', 'if (!account)', 'if (false)'),
  mutant('debits are not netted', 'draft.js', '?? 0n) + entry.amount', '?? 0n) - entry.amount'),
  mutant('a reversal repeats', 'draft.js', 'amount: -entry.amount }))', 'amount: entry.amount }))'),
  mutant('a reversal does not name the original', 'draft.js', 'reverses: original.id', 'reversed: original.id'),
  mutant('persons are optional', 'draft.js', "if ((account.per === 'person') !==", "if (false && (account.per === 'person') !=="),
  mutant('the fee is the net', 'split.js', 'net: gross - taken', 'net: taken'),
  mutant('the partner shares the gross', 'split.js', 'fee(taken, partner_bps)', 'fee(gross, partner_bps)'),
  mutant('more than 100 % of fee', 'split.js', 'bps > 10000n', 'bps > 20000n'),
  mutant('remainders are lost', 'split.js', 'if (left === 0n)', 'if (true)'),
  mutant('remainders go to the smallest', 'split.js', 'a.rest > b.rest ? -1 : 1', 'a.rest > b.rest ? 1 : -1'),
  mutant('a refund above the capture', 'split.js', '> gross)', '> gross * 2n)'),
  mutant('what is released is what was captured', 'split.js', 'captured.net - net', 'captured.net'),
  mutant('a capture above the hold', 'hold.js', 'if (gross > remaining(hold))', 'if (false)'),
  mutant('a capture counts twice', 'hold.js', 'hold.captured + gross', 'hold.captured + gross + gross'),
  mutant('returned money is still there', 'hold.js', 'hold.amount - hold.captured - hold.returned', 'hold.amount - hold.captured'),
  mutant('a resolved hold resolves again', 'hold.js', 'if (isResolved(hold))', 'if (false)'),
  mutant('a return above the rest', 'hold.js', 'if (amount > remaining(hold))', 'if (false)'),
  mutant('a void is called a return', 'hold.js', 'hold.captured === 0n && hold.returned === 0n', 'false'),
  mutant('spent promotions come back', 'hold.js', 'return left > 0n ? left : 0n', 'return promo'),
  mutant('floors do not matter', 'balance.js', 'if (broken)', 'if (false)'),
  mutant('zero is below the floor', 'balance.js', 'short < 0n', 'short <= 0n'),
  mutant('credits read like debits', 'balance.js', "=== 'credit' ? -signed : signed", "=== 'debit' ? -signed : signed"),
  mutant('expenses lower the trial balance', 'balance.js', '+ sums.expense', '- sums.expense'),
  mutant(
    'a capture pays the fee to the owner',
    'postings/captures.js',
    '[held, at(feesDeferred), parts.fee]',
    '[held, at(ownerPending, step.owner), parts.fee]',
  ),
  mutant(
    'a capture is from available money',
    'postings/captures.js',
    'at(developerHeld, step.developer)',
    'at(developerAvailable, step.developer)',
  ),
  mutant(
    'rounding of small captures adds up',
    'postings/captures.js',
    'fee: after.fee - before.fee',
    'fee: splitCharge(gross, fee_bps, share_bps).fee',
  ),
  mutant('a release forgets the reserve', 'postings/captures.js', 'step.net - reserve', 'step.net'),
  mutant(
    'own use can be paid out',
    'postings/captures.js',
    'at(developerAvailable, step.own_use_of)',
    'at(ownerAvailable, step.own_use_of)',
  ),
  mutant('a refund keeps the fee', 'postings/captures.js', '[at(feesDeferred), available, fee]', '[at(feesDeferred), at(computeFee), fee]'),
  mutant('a hold gives', 'postings/holds.js', "way === 'hold' ?", "way !== 'hold' ?"),
  mutant(
    'promotions return as own money',
    'postings/holds.js',
    'at(developerPromo, step.developer)',
    'at(developerAvailable, step.developer)',
  ),
  mutant(
    'a failed payout stays in flight',
    'postings/payouts.js',
    '[at(ownerPayoutInFlight, step.person), payable(step), step.amount],\n    ]',
    ']',
  ),
  mutant(
    'a dispute freezes nothing',
    'postings/disputes.js',
    '[at(developerAvailable, step.developer), at(developerFrozen, step.developer), step.unspent]',
    '',
  ),
  mutant('a lost dispute is forgiven', 'postings/disputes.js', 'step.amount - step.unspent', 'step.unspent'),
  mutant('a gap in a sequence passes', 'checks.js', 'sequence !== expected', 'sequence < expected'),
  mutant('losses are not conserved', 'checks.js', '- flows.losses', '+ flows.losses'),
];

const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const passes = (): boolean =>
  spawnSync(process.execPath, [...jest, '--selectProjects=unit', '--bail', '--testPathPatterns', 'dist/libs/ledger/'], { cwd: root })
    .status === 0;

if (!passes()) throw new Error('the suite fails without any mutant: mend that first');
let alive = 0;
for (const { name, file, from, to } of MUTANTS) {
  const original = fs.readFileSync(file, 'utf8');
  if (!original.includes(from)) throw new Error(`the mutant "${name}" finds no "${from}" in ${path.relative(root, file)}`);
  const undo = () => fs.writeFileSync(file, original);
  // Somebody who loses patience must not be left with a mutant.
  const stop = () => {
    undo();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    fs.writeFileSync(
      file,
      original.replace(from, () => to),
    );
    const lives = passes();
    alive += lives ? 1 : 0;
    console.log(`${lives ? 'ALIVE ' : 'killed'} ${path.basename(file).padEnd(14)} ${name}`);
  } finally {
    undo();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
console.log(`${MUTANTS.length - alive} of ${MUTANTS.length} mutants killed`);
process.exitCode = alive === 0 ? 0 : 1;
