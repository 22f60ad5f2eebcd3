import type { KeptLeaseInfo, OwnerLease } from '#sdk';
import { formatMajor } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { whole } from '../options.js';
import { table } from '../terminal.js';

/** `heap leases`: who uses your devices, what for, and what is known of them. */
export function leasesCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists the leases of your devices, newest first, with what is known of their buyers')
    .option('--limit <n>', 'how many', whole(1, 100), 20)
    .option('--before <id>', 'the page behind this lease')
    .option('--kept', 'those of standing slots and storage instead')
    .runs(async ({ kept, ...options }: { limit: number; before?: string; kept?: boolean }) => {
      if (kept) {
        const leases = await context.heap().keptLeases(options);
        await context.terminal.answer(leases, () => keptText(leases));
        return EXIT.ok;
      }
      const leases = await context.heap().leases(options);
      await context.terminal.answer(leases, () =>
        leases.length > 0
          ? table(
              ['LEASE', 'NODE', 'STATE', 'FOR', 'PRICE', 'TASKS', 'PAID', 'BUYER', 'WHO HAS'],
              leases.map((lease) => [
                lease.id,
                lease.node_id,
                [lease.reason?.code ?? lease.state, ...(lease.trouble ? [lease.trouble.code] : [])].join(', '),
                lease.workload_class,
                formatMajor(lease.price_micro),
                String(lease.tasks),
                formatMajor(lease.charged_micro),
                lease.buyer_id,
                known(lease.buyer),
              ]),
            )
          : 'Nobody has leased your devices yet: `heap offer` shows what they offer.',
      );
      return EXIT.ok;
    });
}

const keptText = (leases: readonly KeptLeaseInfo[]): string =>
  leases.length === 0
    ? 'Nobody has leased standing slots or storage of yours yet: `heap offer` shows what your devices offer.'
    : table(
        ['LEASE', 'NODE', 'MARKET', 'STATE', 'UNITS', 'PRICE', 'UNTIL', 'PAID', 'BUYER'],
        leases.map((lease) => [
          lease.id,
          lease.node_id,
          lease.market,
          lease.reason?.code ?? lease.state,
          String(lease.quantity),
          formatMajor(lease.price_micro),
          lease.ended_at ?? lease.expires_at,
          formatMajor(lease.charged_micro),
          lease.buyer_id,
        ]),
      );

const known = ({ jobs_done, jobs_cancelled, jobs_stopped, paid_micro, notes }: OwnerLease['buyer']): string =>
  [
    `${jobs_done} jobs done, ${jobs_cancelled} cancelled, ${jobs_stopped} stopped, paid ${formatMajor(paid_micro)}.`,
    ...notes.map(({ sentence }) => sentence),
  ].join(' ');
