import type { LimitsInfo } from '#sdk';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';
import { money as amount, collected } from '../options.js';

interface LimitsOptions {
  jobCap?: string;
  dayCap?: string;
  blockOwner?: string[];
  blockNode?: string[];
  unblock?: string[];
}

const cap = (text: string): string => (text === 'none' ? text : amount(text));
const text = collected((id) => id);

/** `heap limits`: what no job of yours exceeds or uses. */
export function limitsCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('shows or changes your caps and block lists as a developer; they hold for all of your jobs')
    .option('--job-cap <amount>', 'the largest budget of a job; none takes the cap away', cap)
    .option('--day-cap <amount>', 'the most that all jobs cost in a day of UTC; none takes the cap away', cap)
    .option('--block-owner <id>', 'never use the devices of this owner', text)
    .option('--block-node <id>', 'never use this device', text)
    .option('--unblock <id>', 'take an owner or device off the lists', text)
    .runs(async (options: LimitsOptions) => {
      const heap = context.heap();
      const now = await heap.limits();
      const listed = (list: readonly string[], more: readonly string[] = []) =>
        [...new Set([...list, ...more])].filter((id) => !options.unblock?.includes(id));
      const limits =
        Object.keys(options).length === 0
          ? now
          : await heap.setLimits({
              ...(options.jobCap !== undefined && { jobCap: options.jobCap === 'none' ? null : options.jobCap }),
              ...(options.dayCap !== undefined && { dayCap: options.dayCap === 'none' ? null : options.dayCap }),
              notOwners: listed(now.not_owners, options.blockOwner),
              notNodes: listed(now.not_nodes, options.blockNode),
            });
      const money = await Money.of(heap);
      await context.terminal.answer(limits, () => limitsText(limits, money));
      return EXIT.ok;
    });
}

function limitsText(limits: LimitsInfo, money: Money): string {
  const capText = (micro: bigint | null) => (micro === null ? 'none' : money.format(micro));
  return [
    `Cap for a job:  ${capText(limits.job_cap_micro)}`,
    `Cap for a day:  ${capText(limits.day_cap_micro)}; today ${money.format(limits.spent_today_micro)} so far, until ${limits.day_ends_at}`,
    `Blocked owners: ${limits.not_owners.join(', ') || 'none'}`,
    `Blocked nodes:  ${limits.not_nodes.join(', ') || 'none'}`,
  ].join('\n');
}
