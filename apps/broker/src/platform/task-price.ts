import { charge, FUEL_PER_PRICE_UNIT, type Micro, TASK_BASE_FUEL } from '#units';

/** The most that one task of a job can cost at a price: its whole fuel limit, and one micro-unit for rounding across a lease. */
export function taskCostMax(fuel_limit: bigint, price_micro: Micro): Micro {
  return charge(fuel_limit + TASK_BASE_FUEL, price_micro, FUEL_PER_PRICE_UNIT) + 1n;
}
