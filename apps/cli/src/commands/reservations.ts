import { priceUnit, type ReservationInfo } from '#sdk';
import { formatMajor, HeapError, isStorage } from '#units';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';
import { idOf, whole } from '../options.js';
import { table } from '../terminal.js';

interface Options {
  limit: number;
  before?: string;
  cancel?: boolean;
}

/** `heap reservations [id]`: the newest first, or one with its leases. */
export function reservationsCommand(context: Context, command: CliCommand): CliCommand {
  return command
    .description('lists your reservations of standing slots and storage, or shows one with its leases')
    .argument('[id]')
    .option('--cancel', 'give it up; what was kept is paid, the rest of the budget returns')
    .option('--limit <n>', 'how many', whole(1, 100), 20)
    .option('--before <id>', 'the page behind this reservation')
    .runs(async (id: string | undefined, { cancel, ...page }: Options) => {
      const heap = context.heap();
      const money = await Money.of(heap);
      if (id === undefined) {
        if (cancel) throw new HeapError('usage', 'Name the reservation that shall end: `heap reservations` lists them.', 'user');
        const list = await heap.reservations(page);
        await context.terminal.answer(list, () => listText(list, money));
        return EXIT.ok;
      }
      const reservation = heap.reservation(idOf(id, 'a reservation', 'heap reservations'));
      const info = await (cancel ? reservation.cancel() : reservation.get());
      await context.terminal.answer(info, () => reservationText(info, money));
      return EXIT.ok;
    });
}

const units = (count: number, market: string): string => (isStorage(market) ? `${count} GB` : `${count} ${count === 1 ? 'slot' : 'slots'}`);

function listText(list: readonly ReservationInfo[], money: Money): string {
  if (list.length === 0) return 'You have no reservations: `heap reserve standing:micro --hours 1` makes one.';
  return table(
    ['RESERVATION', 'NAME', 'MARKET', 'STATE', 'HAS', 'PAID', 'PLACED'],
    list.map((one) => [
      one.id,
      one.name,
      one.market,
      one.state,
      `${one.leased}/${units(one.quantity, one.market)}`,
      money.format(one.charged_micro),
      one.created_at,
    ]),
  );
}

/** One reservation in lines for people. */
export function reservationText(one: ReservationInfo, money: Money): string {
  const rows = one.leases.map((lease) => [
    lease.id,
    lease.node_id,
    units(lease.quantity, one.market),
    formatMajor(lease.price_micro),
    lease.reason?.code ?? lease.state,
    lease.state === 'ENDED' ? '' : lease.expires_at,
    formatMajor(lease.charged_micro),
  ]);
  return [
    `Reservation ${one.id}${one.name ? ` "${one.name}"` : ''} in ${one.market}: ${one.state}`,
    one.reason.sentence,
    `Wants ${units(one.quantity, one.market)} at up to ${money.format(one.max_price_micro)} per ${priceUnit(one.market)}${
      one.ends_at ? `, until ${one.ends_at}` : one.hours === null ? '' : `, for ${one.hours} hours`
    }`,
    `Paid: ${money.format(one.charged_micro)} of a budget of ${money.format(one.budget_micro)}; ${money.format(one.held_micro)} held`,
    ...(rows.length > 0 ? [table(['LEASE', 'NODE', 'HAS', 'PRICE', 'STATE', 'UNTIL', 'PAID'], rows)] : []),
  ].join('\n');
}
