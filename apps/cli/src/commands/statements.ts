import { writeFile } from 'node:fs/promises';
import { Option } from 'commander';
import type { StatementInfo } from '#sdk';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';
import { table } from '../terminal.js';

/** `heap promo [code]`: redeems a campaign's code, or lists what you have of them. */
export function promoCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('redeems the code of a campaign; without one, lists your promotional money')
    .argument('[code]')
    .runs(async (code: string | undefined) => {
      const heap = context.heap();
      const grants = code === undefined ? await heap.promos() : [await heap.promo(code)];
      const money = await Money.of(heap);
      await context.terminal.answer(code === undefined ? grants : grants[0], () =>
        grants.length
          ? grants
              .map((g) => `${g.campaign}: ${money.format(g.left_micro)} of ${money.format(g.amount_micro)} left, until ${g.expires_at}`)
              .join('\n')
          : 'You have no promotional money: `heap promo <code>` redeems a code.',
      );
      return EXIT.ok;
    });
}

/** `heap spending`: what jobs cost, by day and by job. */
export function spendingCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('shows what you were charged, by day and by job; without days, in the running month')
    .option('--from <day>', 'the first day of UTC: 2026-11-01')
    .option('--to <day>', 'the last day')
    .runs(async (days: { from?: string; to?: string }) => {
      const heap = context.heap();
      const spending = await heap.spending(days);
      const money = await Money.of(heap);
      const row = (name: string, s: { charged_micro: bigint; refunded_micro: bigint; promo_micro: bigint }) => [
        name,
        money.format(s.charged_micro),
        money.format(s.refunded_micro),
        money.format(s.promo_micro),
      ];
      await context.terminal.answer(spending, () =>
        table(
          ['WHAT', 'CHARGED', 'GIVEN BACK', 'OF IT PROMOTIONAL'],
          [
            ...spending.days.map((day) => row(day.day, day)),
            ...spending.jobs.map((job) => row(`${job.job_id} ${job.name}`.trimEnd(), job)),
            row(`${spending.from} to ${spending.to}`, spending.total),
          ],
        ),
      );
      return EXIT.ok;
    });
}

/** `heap statements [id]`: lists them, shows one, or writes it to a file. */
export function statementsCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists your statements by month, or shows one line by line')
    .argument('[id]', 'a number, or a part and a month: owner-2026-11')
    .addOption(new Option('--format <format>', 'write it as a file').choices(['csv', 'pdf']))
    .option('--output <path>', 'where to, with --format (default: its name here)')
    .runs(async (id: string | undefined, options: { format?: 'csv' | 'pdf'; output?: string }) => {
      const heap = context.heap();
      if (id === undefined) {
        if (options.format) command.error('error: --format needs an id: `heap statements` lists them');
        const statements = await heap.statements();
        await context.terminal.answer(statements, () =>
          statements.length
            ? table(
                ['STATEMENT', 'PART', 'MONTH', 'OPENING', 'CLOSING', 'FINAL'],
                statements.map((s) => {
                  const money = new Money(s.currency, s.simulated);
                  const final = s.number === null ? 'when the month is over' : 'yes';
                  return [s.statement_id, s.part, s.month, money.format(s.opening_micro), money.format(s.closing_micro), final];
                }),
              )
            : 'Nothing has moved in your accounts yet.',
        );
        return EXIT.ok;
      }
      if (options.format) {
        const path = options.output ?? `${id}.${options.format}`;
        await writeFile(path, await heap.statementFile(id, options.format));
        await context.terminal.answer({ path }, () => `Written to ${path}.`);
        return EXIT.ok;
      }
      const statement = await heap.statement(id);
      await context.terminal.answer(statement, () => text(statement));
      return EXIT.ok;
    });
}

function text(statement: StatementInfo): string {
  const money = new Money(statement.currency, statement.simulated);
  const rows = statement.lines.map((l) => [l.day, l.text, l.subject ?? '', money.format(l.amount_micro)]);
  return table(
    ['DAY', 'WHAT', 'ABOUT', 'AMOUNT'],
    [
      ['', 'Opening balance', '', money.format(statement.opening_micro)],
      ...rows,
      ['', 'Closing balance', '', money.format(statement.closing_micro)],
    ],
  );
}

/** `heap partner`: your links and what they brought. */
export function partnerCommand(context: Context, command: CliCommand): CliCommand {
  return command.description('shows what your enrolment links brought you as a partner').runs(async () => {
    const heap = context.heap();
    const partner = await heap.partner();
    const money = await Money.of(heap);
    await context.terminal.answer(partner, () =>
      [
        `Pending ${money.format(partner.pending_micro)}, payable ${money.format(partner.payable_micro)}: \`heap payout --partner\`.`,
        table(
          ['LINK', 'SHARE OF THE FEE', 'DEVICES', 'EARNED', 'GIVEN BACK'],
          partner.links.map((l) => [
            l.code,
            `${l.share_basis_points / 100} %`,
            String(l.devices),
            money.format(l.earned_micro),
            money.format(l.refunded_micro),
          ]),
        ),
      ].join('\n'),
    );
    return EXIT.ok;
  });
}
