import type { EstimateInfo } from '#sdk';
import { formatMajor } from '#units';
import type { Money } from './money.js';

/** What an order may expect, in lines for people. */
export function expectation(estimate: EstimateInfo, money: Money): string[] {
  const { cost_range, price_range, first_result_ms, work, levers, confidence } = estimate;
  const cost = cost_range ? `, all tasks ${between(cost_range.low_micro, cost_range.high_micro, money)}` : '';
  const basis =
    work.source === 'measured'
      ? `by ${work.tasks_measured} earlier tasks of this module`
      : "by the tasks' limits: it has not run often enough";
  return [
    `Expected: 10¹² fuel ${between(price_range.low_micro, price_range.high_micro, money)}${cost}, first result ${timeText(first_result_ms)}; each with ${Math.round(confidence * 100)} % confidence, ${basis}.`,
    ...levelLine(estimate.verification),
    ...levers.map(({ sentence }) => sentence),
  ];
}

/** Of levels that the heap checks. */
function levelLine({ level, sentence, expected_error, price_factor }: EstimateInfo['verification']): string[] {
  if (expected_error === null) return [];
  const price = price_factor === 1 ? '' : ` A task is paid ${price_factor} times.`;
  return [`Level ${level}: ${sentence} At most ${expected_error * 1e6} of a million final results may be wrong.${price}`];
}

const between = (low: bigint, high: bigint, money: Money): string =>
  low === high ? money.format(high) : `${formatMajor(low)} to ${money.format(high)}`;

function timeText({ low, high }: EstimateInfo['first_result_ms']): string {
  if (high === null) return `after ${duration(low)} or more, nothing seen so far says how much more`;
  return `after ${duration(low)} to ${duration(high)}`;
}

/** "0.25 s", "12 s", "3 min", "2 h". */
export function duration(ms: number): string {
  if (ms < 10_000) return `${Math.round(ms / 10) / 100} s`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}
