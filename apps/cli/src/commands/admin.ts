import { InvalidArgumentError } from 'commander';
import type { ManualEntry, ManualJournal, SolvencyInfo } from '#sdk';
import { parseMajor } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';
import { money as amount, collected, whole } from '../options.js';
import { table } from '../terminal.js';

const ENTRY = /^(\d{4})(?::([0-9a-f-]{36}))?=(-?)(\d+(?:\.\d{1,6})?)$/;

/** `3000=5.00` or `2000:<person>=-5.00`: debits are positive. */
function entry(text: string): ManualEntry {
  const [, account, person, minus, major] = ENTRY.exec(text) ?? [];
  if (account === undefined || major === undefined)
    throw new InvalidArgumentError('Write an account and an amount, for example 3000=5.00 or 2000:<person>=-5.00.');
  const micro = parseMajor(major);
  return { account: Number(account), amount: minus ? -micro : micro, ...(person !== undefined && { personId: person }) };
}

function instant(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('Write an instant like 2027-01-31T18:00:00Z.');
  return date;
}

/** `heap admin …`: for admins of the heap. */
export function adminCommand(context: Context, command: CliCommand): CliCommand {
  command.description('what admins of the heap see and do');
  const sub = (name: string, what: string) => (command.command(name) as CliCommand).description(what);
  journals(context, sub);
  growth(context, sub);
  return command;
}

type Sub = (name: string, what: string) => CliCommand;

function journals(context: Context, sub: Sub): void {
  sub('solvency', 'what the heap has, owes and earned; what its checks say; what waits').runs(async () => {
    const solvency = await context.heap().admin.solvency();
    await context.terminal.answer(solvency, () => solvencyText(solvency));
    return solvency.invariants.every(({ holds }) => holds) && solvency.admin_log_intact ? EXIT.ok : EXIT.failed;
  });
  const told = async (journal: ManualJournal) => {
    const money = await Money.of(context.heap());
    await context.terminal.answer(journal, () => journalText(journal, money));
    return EXIT.ok;
  };
  sub('journal', 'proposes a journal; another admin approves it')
    .requiredOption('--because <text>', 'why, in a sentence')
    .requiredOption('--entry <account=amount>', 'a side of it, again for each: 3000=5.00, 2000:<person>=-5.00', collected(entry))
    .runs(async (options: { because: string; entry: ManualEntry[] }) =>
      told(await context.heap().admin.proposeJournal(options.because, options.entry)),
    );
  sub('suspense', 'proposes what an unexplained movement at the provider was; another admin approves it')
    .argument('<transaction>')
    .requiredOption('--account <code>', 'the account it belongs to', whole(1000, 9999))
    .requiredOption('--because <text>', 'why, in a sentence')
    .option('--person <id>', 'whose account, where it is kept for each person')
    .runs(async (transaction: string, { account, because, person }: { account: number; because: string; person?: string }) => {
      const to = { account, ...(person !== undefined && { personId: person }) };
      return told(await context.heap().admin.resolveSuspense(transaction, because, to));
    });
  sub('approve', 'approves what another admin proposed')
    .argument('<journal>')
    .runs(async (id: string) => told(await context.heap().admin.decideJournal(id, true)));
  sub('reject', 'rejects a proposal')
    .argument('<journal>')
    .runs(async (id: string) => told(await context.heap().admin.decideJournal(id, false)));
  sub('journals', 'lists journals by hand').runs(async () => {
    const list = await context.heap().admin.journals();
    const money = await Money.of(context.heap());
    await context.terminal.answer(list, () => list.map((journal) => journalText(journal, money)).join('\n') || 'There are none.');
    return EXIT.ok;
  });
  sub('log', 'lists what admins did').runs(async () => {
    const lines = await context.heap().admin.log();
    await context.terminal.answer(lines, () =>
      table(
        ['LINE', 'AT', 'WHO', 'DID', 'TO'],
        lines.map((line) => [String(line.seq), line.at, line.person_id, line.action, line.subject]),
      ),
    );
    return EXIT.ok;
  });
}

function growth(context: Context, sub: Sub): void {
  sub('campaign', 'makes a code that gives developers promotional money')
    .argument('<code>')
    .requiredOption('--name <text>', 'what people read')
    .requiredOption('--amount <amount>', 'for each person', amount)
    .requiredOption('--budget <amount>', 'for all together', amount)
    .requiredOption('--ends <instant>', 'when the code stops being taken', instant)
    .option('--days <n>', 'days until what was granted expires', whole(1, 3650), 30)
    .runs(async (code: string, o: { name: string; amount: string; budget: string; ends: Date; days: number }) => {
      const campaign = await context.heap().admin.createCampaign({ code, ...o, endsAt: o.ends });
      await context.terminal.answer(campaign, () => `${campaign.code} is taken until ${campaign.ends_at}.`);
      return EXIT.ok;
    });
  sub('campaigns', 'lists campaigns, and what became of their money').runs(async () => {
    const campaigns = await context.heap().admin.campaigns();
    const money = await Money.of(context.heap());
    await context.terminal.answer(campaigns, () =>
      table(
        ['CODE', 'PEOPLE', 'GRANTED', 'OF', 'HELD OR SPENT', 'EXPIRED'],
        campaigns.map((c) => [
          c.code,
          String(c.people),
          money.format(c.granted_micro),
          money.format(c.budget_micro),
          money.format(c.used_micro),
          money.format(c.expired_micro),
        ]),
      ),
    );
    return EXIT.ok;
  });
  sub('partner', 'makes somebody a partner, or changes the name')
    .argument('<email>')
    .requiredOption('--name <text>', 'what people read')
    .runs(async (email: string, { name }: { name: string }) => {
      const partner = await context.heap().admin.createPartner(email, name);
      await context.terminal.answer(partner, () => `${partner.name} is a partner: ${partner.person_id}`);
      return EXIT.ok;
    });
  sub('link', "makes an enrolment link that gives its partner a share of the heap's fee")
    .argument('<person>', "the partner's id")
    .argument('<code>')
    .requiredOption('--name <text>', 'what people read')
    .requiredOption('--share <basis points>', 'of the fee, in hundredths of a per cent', whole(1, 10_000))
    .runs(async (person: string, code: string, { name, share }: { name: string; share: number }) => {
      const link = await context.heap().admin.createPartnerLink(person, { code, name, shareBasisPoints: share });
      await context.terminal.answer(link, () => `heap nodes --enrol --partner ${link.code}`);
      return EXIT.ok;
    });
}

function journalText({ manual_id, state, reason, entries, expires_at }: ManualJournal, money: Money): string {
  const sides = entries.map((e) => `  ${e.account}${e.person_id ? ` of ${e.person_id}` : ''}: ${money.format(e.amount_micro)}`);
  const until = state === 'PROPOSED' ? `, until ${expires_at}` : '';
  return [`${manual_id} ${state}${until}: ${reason}`, ...sides].join('\n');
}

function solvencyText(s: SolvencyInfo): string {
  const money = new Money(s.currency, s.simulated);
  const sums = (title: string, rows: SolvencyInfo['assets']) => [
    title,
    ...rows.map((row) => `  ${row.account} ${row.name}: ${money.format(row.amount_micro)}`),
  ];
  const broken = s.invariants.filter(({ holds }) => !holds);
  return [
    ...sums('Assets', s.assets),
    ...sums('Liabilities', s.liabilities),
    ...sums('Equity', s.equity),
    ...sums('Income', s.income),
    ...sums('Expenses', s.expenses),
    `Assets less liabilities: ${money.format(s.surplus_micro)}`,
    `Provider: ${s.provider_balance_micro === null ? 'does not answer' : money.format(s.provider_balance_micro)}, ledger ${money.format(s.ledger_balance_micro)}`,
    broken.length
      ? `Broken: ${broken.map((b) => `${b.invariant} ${b.name}: ${b.detail}`).join('; ')}`
      : `${s.invariants.length} invariants hold.`,
    ...s.suspense.map((x) => `Suspense: ${x.transaction_id} ${x.type} ${money.format(x.net_micro)}, ${x.age_hours} hours`),
    ...s.disputes.map((d) => `Dispute: ${d.dispute_id} ${money.format(d.amount_micro)} since ${d.opened_at}`),
    `Waiting: ${s.outbox.open} calls, ${s.inbox.open} events`,
    s.admin_log_intact ? "The admins' log is intact." : "THE ADMINS' LOG WAS CHANGED.",
  ].join('\n');
}
