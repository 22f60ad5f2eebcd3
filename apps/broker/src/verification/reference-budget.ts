import { amountOf } from '#lifecycle';
import type { Config } from '../platform/config/config.js';

/** Whether the heap may run more today than what is disputed. */
export const budgetLeft = ({ reference_fuel_per_day }: Pick<Config, 'reference_fuel_per_day'>, fuel_today: bigint): boolean =>
  reference_fuel_per_day === 0 || fuel_today < BigInt(reference_fuel_per_day);

/** Why drawn checks wait, if they wait for tomorrow. */
export function budgetReason(
  config: Pick<Config, 'reference_fuel_per_day'>,
  { fuel, waiting }: { fuel: bigint; waiting: number },
): { code: 'reference_budget'; sentence: string } | null {
  if (budgetLeft(config, fuel)) return null;
  return {
    code: 'reference_budget',
    sentence: `The heap has run as much itself today as its operator allows, ${config.reference_fuel_per_day} fuel: ${amountOf(waiting, 'check')} of results wait for nodes of other owners, or for midnight UTC, and their results stay provisional until then.`,
  };
}
