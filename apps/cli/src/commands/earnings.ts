import type { EarningsInfo, FundsInfo } from '#sdk';
import { calendar } from '../calendar.js';
import type { CliCommand } from '../command.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { Money } from '../money.js';

/** `heap earnings`: where what your devices earned is, until when, and why. */
export function earningsCommand(context: Context, command: CliCommand): CliCommand {
  return command.description('shows what your devices earned: held until when and why, payable, on its way, paid').runs(async () => {
    const earnings = await context.heap().earnings();
    await context.terminal.answer(earnings, () => earningsText(earnings, new Date().toISOString().slice(0, 10)));
    return EXIT.ok;
  });
}

/** `heap funds`: what you can spend and what is held for which job. */
export function fundsCommand(context: Context, command: CliCommand): CliCommand {
  return command.description('shows what you can spend, what is held for which job, what can go back, and your caps').runs(async () => {
    const funds = await context.heap().funds();
    await context.terminal.answer(funds, () => fundsText(funds));
    return EXIT.ok;
  });
}

export function earningsText(e: EarningsInfo, today: string): string {
  const money = new Money(e.currency, e.simulated);
  const by_day = new Map<string, bigint>();
  for (const { day, amount_micro } of e.held) by_day.set(day, (by_day.get(day) ?? 0n) + amount_micro);
  const { threshold } = e;
  const when = threshold.expected_at === null ? 'not at the present rate' : `about ${threshold.expected_at.slice(0, 10)}`;
  return [
    `Earned:    ${money.format(e.earned_micro)}, ${money.format(threshold.per_day_micro)} a day of late`,
    `Held:      ${money.format(e.held_micro)}`,
    ...(e.held.length > 0 ? [calendar(by_day, today)] : []),
    ...e.held.map((h) => `  ${h.day}  ${money.format(h.amount_micro)}  ${h.reason.sentence}`),
    ...(e.reserve ? [`Reserve:   ${money.format(e.reserve.amount_micro)}  ${e.reserve.reason.sentence}`] : []),
    `Payable:   ${money.format(e.payable_micro)}`,
    ...(e.withheld ? [`  not yet  ${money.format(e.withheld.amount_micro)}  ${e.withheld.reason.sentence}`] : []),
    ...(e.debt_micro > 0n ? [`Debt:      ${money.format(e.debt_micro)}, paid by what you earn next`] : []),
    ...(e.taken_back_micro > 0n ? [`Taken back: ${money.format(e.taken_back_micro)} for wrong results`] : []),
    ...(e.in_flight.length > 0 ? [`On its way: ${money.format(e.in_flight_micro)}`] : []),
    ...e.in_flight.map((p) => `  ${p.payout_id}  ${money.format(p.amount_micro)}  ${p.reason.sentence}`),
    `Paid:      ${money.format(e.paid_micro)}`,
    threshold.missing_micro > 0n
      ? `Payout:    from ${money.format(threshold.minimum_micro)} on, ${money.format(threshold.missing_micro)} are missing: ${when}`
      : `Payout:    ${e.payout.sentence}`,
  ].join('\n');
}

export function fundsText(f: FundsInfo): string {
  const money = new Money(f.currency, f.simulated);
  const cap = (amount: bigint | null) => (amount === null ? 'no cap' : money.format(amount));
  return [
    `To spend:   ${money.format(f.available_micro + f.promo_micro)}, of which ${money.format(f.promo_micro)} promotional`,
    `Held:       ${money.format(f.held_micro)}`,
    ...f.held.map((h) => `  ${h.job_id}  ${money.format(h.amount_micro)}  ${h.name}`),
    ...(f.frozen_micro > 0n || f.frozen ? [`Frozen:     ${money.format(f.frozen_micro)}  ${f.frozen?.sentence ?? ''}`] : []),
    ...(f.debt_micro > 0n ? [`Debt:       ${money.format(f.debt_micro)}, paid by your next deposits and earnings`] : []),
    `Refundable: ${money.format(f.refundable_micro)}`,
    `Caps:       ${cap(f.job_cap_micro)} a job, ${cap(f.day_cap_micro)} a day; ${money.format(f.spent_today_micro)} spent today`,
  ].join('\n');
}
