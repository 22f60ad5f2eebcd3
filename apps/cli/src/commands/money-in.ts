import type { DepositInfo } from '#sdk';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';
import { money as amount, idOf } from '../options.js';
import { table } from '../terminal.js';

/** `heap deposit <amount>`. */
export function depositCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('adds money; with simulated payments it arrives at once and is not real')
    .argument('<amount>', 'for example 5.00', amount)
    .runs(async (text: string) => {
      const heap = context.heap();
      const deposit = await heap.deposit(text);
      const money = await Money.of(heap);
      await context.terminal.answer(deposit, () => depositLine(deposit, money));
      return EXIT.ok;
    });
}

function depositLine(deposit: DepositInfo, money: Money): string {
  if (deposit.state === 'SUCCEEDED') return `Added ${money.format(deposit.amount_micro)}.`;
  return deposit.url === null ? deposit.reason.sentence : `Pay ${money.format(deposit.amount_micro)} at ${deposit.url}`;
}

/** `heap deposits`: what you added, and what went back. */
export function depositsCommand(context: Context, command: CliCommand): CliCommand {
  return command.description('lists your deposits, their state and why').runs(async () => {
    const heap = context.heap();
    const [deposits, money] = [await heap.deposits(), await Money.of(heap)];
    await context.terminal.answer(deposits, () =>
      deposits.length
        ? table(
            ['DEPOSIT', 'AMOUNT', 'REFUNDED', 'STATE', 'WHY'],
            deposits.map((d) => [d.deposit_id, money.format(d.amount_micro), money.format(d.refunded_micro), d.state, d.reason.sentence]),
          )
        : 'You have made no deposit: `heap deposit 5.00` makes one.',
    );
    return EXIT.ok;
  });
}

/** `heap refund <deposit> [amount]`. */
export function refundCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('sends unspent money of a deposit back to the card it came from; without an amount, all that can go back')
    .argument('<deposit>', 'its id, from `heap deposits`')
    .argument('[amount]', 'for example 5.00', amount)
    .runs(async (deposit_id: string, text: string | undefined) => {
      const heap = context.heap();
      const refund = await heap.refund(idOf(deposit_id, 'a deposit', 'heap deposits'), text);
      const money = await Money.of(heap);
      await context.terminal.answer(refund, () => `${money.format(refund.amount_micro)}: ${refund.reason.sentence}`);
      return EXIT.ok;
    });
}

interface TopUpOptions {
  below?: string;
  amount?: string;
  cap?: string;
  off?: boolean;
}

/** `heap top-up`: shows it, sets it with all three amounts, or switches it off. */
export function topUpCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('adds money from your saved card when little is left, never more than a cap in a month')
    .option('--below <amount>', 'add when less than this is left', amount)
    .option('--amount <amount>', 'how much to add', amount)
    .option('--cap <amount>', 'the most to add in a calendar month', amount)
    .option('--off', 'switch it off')
    .runs(async ({ below, amount, cap, off }: TopUpOptions) => {
      const heap = context.heap();
      const given = [below, amount, cap].filter((text) => text !== undefined).length;
      if (given > 0 && (given < 3 || off)) command.error('error: --below, --amount and --cap belong together, and not to --off');
      const terms = below !== undefined && amount !== undefined && cap !== undefined ? { below, amount, monthlyCap: cap } : null;
      const top_up = terms || off ? await heap.setTopUp(terms) : await heap.topUp();
      const money = await Money.of(heap);
      await context.terminal.answer(top_up, () =>
        top_up.enabled
          ? `Adds ${money.format(top_up.amount_micro)} below ${money.format(top_up.below_micro)}; ${money.format(top_up.this_month_micro)} of ${money.format(top_up.monthly_cap_micro)} this month. ${top_up.reason.sentence}`
          : top_up.reason.sentence,
      );
      return EXIT.ok;
    });
}
