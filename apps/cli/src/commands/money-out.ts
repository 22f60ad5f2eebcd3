import { Option } from 'commander';
import { PAYOUT_SCHEDULES } from '#protocol';
import type { PayoutTermsInfo } from '#sdk';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';
import { money as amount } from '../options.js';
import { withProof } from '../proof.js';
import { table } from '../terminal.js';

/** `heap payout [amount]`. */
export function payoutCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('pays your earnings out; without an amount, all that is payable. Takes your password, if you have one')
    .argument('[amount]', 'for example 5.00', amount)
    .option('--partner', "your shares as a partner instead of your devices' earnings")
    .runs(async (text: string | undefined, { partner }: { partner?: boolean }) => {
      const heap = context.heap();
      const what = { ...(partner && { of: 'partner' as const }), ...(text !== undefined && { amount: text }) };
      const payout = await withProof(context, (proof) => heap.payout({ ...what, ...proof }));
      const money = await Money.of(heap);
      await context.terminal.answer(payout, () => `${money.format(payout.amount_micro)}: ${payout.reason.sentence}`);
      return EXIT.ok;
    });
}

interface PayoutsOptions {
  schedule?: PayoutTermsInfo['schedule'];
  minimum?: string;
}

/** `heap payouts`: lists them; sets when and from how much on they come by themselves. */
export function payoutsCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists your payouts; with --schedule, sets when you are paid without asking')
    .addOption(new Option('--schedule <when>', 'when you are paid without asking').choices(PAYOUT_SCHEDULES))
    .option('--minimum <amount>', 'from how much on, with --schedule', amount)
    .runs(async ({ schedule, minimum }: PayoutsOptions) => {
      const heap = context.heap();
      if (minimum !== undefined && schedule === undefined) command.error('error: --minimum needs --schedule');
      const money = await Money.of(heap);
      if (schedule !== undefined) {
        const terms = await withProof(context, (proof) =>
          heap.setPayoutTerms({ schedule, ...(minimum !== undefined && { minimum }), ...proof }),
        );
        await context.terminal.answer(terms, () => `Paid out ${terms.schedule}, from ${money.format(terms.minimum_micro)} on.`);
        return EXIT.ok;
      }
      const payouts = await heap.payouts();
      await context.terminal.answer(payouts, () =>
        payouts.length
          ? table(
              ['PAYOUT', 'AMOUNT', 'STATE', 'WHY'],
              payouts.map((p) => [p.payout_id, money.format(p.amount_micro), p.state, p.reason.sentence]),
            )
          : 'You have asked for no payout: `heap payout` pays out what is payable.',
      );
      return EXIT.ok;
    });
}

/** `heap payout-account`: a link to the provider's form. */
export function payoutAccountCommand(context: Context, command: CliCommand): CliCommand {
  return command.description('says whether you can be paid out, and where to prove who you are and name a bank account').runs(async () => {
    const opened = await withProof(context, (proof) => context.heap().openPayoutAccount(proof));
    await context.terminal.answer(opened, () =>
      opened.url === null ? opened.account.reason.sentence : `${opened.account.reason.sentence}\n${opened.url}`,
    );
    return EXIT.ok;
  });
}
