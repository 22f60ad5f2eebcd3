import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `npm run test:mutants -- [--only text]`: changes one thing in the money's compiled code or in the ledger's SQL, runs the suite that must
 * notice, and puts the file back. Those of the pure library take the unit tests, the others a file of tests with PostgreSQL; `--only`
 * takes the mutants whose name or file has the text. Prints a table and `N passed, N failed`; a mutant that lives has failed. A mutant
 * whose text is not found is an error, so that none is skipped in silence.
 */
const root = path.resolve(import.meta.dirname, '../../..');
const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });

interface Mutant {
  name: string;
  file: string;
  from: string;
  to: string;
  /** Compiled test files that must notice; those of the library when it is missing. */
  suite?: string;
}
const mutant = (name: string, file: string, from: string, to: string): Mutant => ({ name, file: `dist/libs/ledger/src/${file}`, from, to });
const broker = (suite: string, name: string, file: string, from: string, to: string): Mutant => ({
  name,
  file: `dist/apps/broker/src/${file}`,
  from,
  to,
  suite: `dist/test/${suite}`,
});
/** The migrations make the database of every test run. */
const sql = (suite: string, name: string, migration: string, from: string, to: string): Mutant => ({
  name,
  file: `prisma/migrations/${migration}/migration.sql`,
  from,
  to,
  suite: `dist/test/ledger/${suite}`,
});
const SETS = '20261129040000_ledger_sets';
const CHECKPOINTS = '20261129040100_ledger_checkpoints';

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
  sql('model.int', 'a key stands for two contents', SETS, 'WHERE j.content_hash <> k.hash LIMIT 1', 'WHERE false LIMIT 1'),
  sql('model.int', 'balances move the other way', SETS, 'SET balance = a.balance + p.delta', 'SET balance = a.balance - p.delta'),
  sql('model.int', 'numbers leave a gap', SETS, 'seq = a.seq + p.n, head', 'seq = a.seq + p.n + 1, head'),
  sql('model.int', 'a chain forgets what was before it', SETS, 'head = sha256(a.head || digest', 'head = sha256(digest'),
  sql(
    'model.int',
    'a digest without lines',
    SETS,
    '|| array_send(hashes) || array_send(refs_) || array_send(e_journal) || array_send(e_line)',
    '|| array_send(hashes) || array_send(refs_) || array_send(e_journal)',
  ),
  sql(
    'model.int',
    'known journals move money again',
    SETS,
    'JOIN (SELECT k.n, row_number() OVER (ORDER BY k.n)::int AS place',
    'LEFT JOIN (SELECT k.n, row_number() OVER (ORDER BY k.n)::int AS place',
  ),
  sql('invariants.int', 'an unbalanced journal is stored', SETS, 'HAVING sum(f.amount) <> 0 OR', 'HAVING'),
  sql('invariants.int', 'a journal in two currencies is stored', SETS, 'OR bad.currencies > 1', 'OR false'),
  sql(
    'invariants-more.int',
    'lines are added to an old journal',
    SETS,
    'OR min(f.line) <> 0 OR max(f.line) <> count(*) - 1 LIMIT 1',
    'LIMIT 1',
  ),
  sql('invariants.int', 'available money falls below zero', '20261121000300_guards', 'code NOT IN (2000, 2010,', 'code NOT IN (2010,'),
  sql(
    'watch.int',
    'a checkpoint is believed whatever it says',
    CHECKPOINTS,
    'AND c.seal IS DISTINCT FROM ledger_seal(',
    'AND false AND c.seal IS DISTINCT FROM ledger_seal(',
  ),
  sql('watch.int', 'the audit goes on over what is broken', CHECKPOINTS, 'IF breaches > 0 THEN RETURN; END IF;', ''),
  broker('ledger/model.int', 'a content is its kind', 'money/ledger.store.js', 'const lines = places.map(', 'const lines = [].map('),
  broker(
    'ledger/races.int',
    'a resolved hold is captured from',
    'money/held.store.js',
    "WHERE h.id = p.id AND h.state = 'HELD' RETURNING",
    'WHERE h.id = p.id RETURNING',
  ),
  broker(
    'ledger/races.int',
    'a hold is given back again',
    'money/held.store.js',
    "WHERE job_id = $1 AND state = 'HELD' RETURNING id",
    'WHERE job_id = $1 RETURNING id',
  ),
  broker(
    'money/holdback.int',
    'a holdback ends at once',
    'money/held.store.js',
    'AND release_at <= now() AND stopped_by IS NULL',
    'AND stopped_by IS NULL',
  ),
  broker('money/holdback.int', 'new owners keep no reserve', 'money/money.service.js', 'c.in_reserve && {', 'false && {'),
  broker('stripe/funding.int', 'more is refunded than is left', 'funding/refunds.service.js', 'amount > refundable)', 'false)'),
  broker(
    'stripe/duplicates.int',
    'what happened at the provider happens again',
    'platform/inbox/effects.js',
    'return this.store.firstTime(tx, object_id, effect, movement)',
    'return this.store.firstTime(tx, object_id, effect, movement).then(() => true)',
  ),
  broker(
    'stripe/payouts.int',
    'a payout moves from any state',
    'payouts/payouts.store.js',
    'AND state::text = ANY($7)',
    'AND $7::text[] IS NOT NULL',
  ),
  broker(
    'stripe/duplicates.int',
    'a balance that differs is not kept',
    'funding/reconciliation.service.js',
    'await this.store.keepReading(this.config.currency, theirs, ours)',
    'await this.store.keepReading(this.config.currency, theirs, theirs)',
  ),
  {
    name: 'a task is charged for itself alone',
    file: 'dist/apps/broker/src/results/group-commit.js',
    from: 'price(after) - price(before)',
    to: 'price(after - before)',
    suite: 'dist/apps/broker/src/results/group-commit.spec',
  },
  {
    name: 'unpaid work is charged',
    file: 'dist/apps/broker/src/results/group-commit.js',
    from: 'before + (fuel_billed ?? 0n)',
    to: 'before + (fuel_billed ?? 1000000000000n)',
    suite: 'dist/apps/broker/src/results/group-commit.spec',
  },
  {
    name: 'the fee forgets what was captured before',
    file: 'dist/apps/broker/src/results/group-commit.js',
    from: 'charged_before: lease.charged_micro',
    to: 'charged_before: 0n',
    suite: 'dist/apps/broker/src/results/group-commit.spec',
  },
];

const jest = ['node_modules/jest/bin/jest.js'];
const passes = (suite = 'dist/libs/ledger/'): boolean =>
  spawnSync(process.execPath, [...jest, '--bail', '--testPathPatterns', suite], { cwd: root }).status === 0;

const chosen = MUTANTS.filter(({ name, file }) => `${name} ${file}`.includes(values.only));
if (chosen.length === 0) throw new Error(`no mutant has "${values.only}" in its name or file`);
for (const { name, file, from } of chosen)
  if (!fs.readFileSync(path.join(root, file), 'utf8').includes(from)) throw new Error(`the mutant "${name}" finds no "${from}" in ${file}`);
for (const suite of new Set(chosen.map((m) => m.suite)))
  if (!passes(suite)) throw new Error(`${suite ?? 'the library'} fails without any mutant: mend that first`);

let alive = 0;
for (const { name, file, from, to, suite } of chosen) {
  const whole = path.join(root, file);
  const original = fs.readFileSync(whole, 'utf8');
  const undo = () => fs.writeFileSync(whole, original);
  // Somebody who loses patience must not be left with a mutant.
  const stop = () => {
    undo();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    fs.writeFileSync(
      whole,
      original.replace(from, () => to),
    );
    const lives = passes(suite);
    alive += lives ? 1 : 0;
    const where = file.endsWith('.sql') ? path.basename(path.dirname(file)) : path.basename(file);
    console.log(`${lives ? 'ALIVE ' : 'killed'} ${where.padEnd(36)} ${name}`);
  } finally {
    undo();
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
console.log(`${chosen.length - alive} passed, ${alive} failed`);
process.exitCode = alive === 0 ? 0 : 1;
