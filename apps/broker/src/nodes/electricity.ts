import { FUEL_PER_PRICE_UNIT, type Micro, type NodeKind, PRICE_LIMIT, WATTS } from '#units';

/** Nobody buys beyond it, and a node that claims to stand still must not break the arithmetic. */
const RESERVE_MAX_MICRO = Number(PRICE_LIMIT - 1n);

/**
 * "Never below your electricity" (market.md): joules per 10¹² fuel × price per joule × (1 + margin), at least one micro-unit.
 * The whole device's draw is put on one slot: a slot never earns less than the device costs.
 * @param speed_fuel_per_ms measured speed of one slot.
 */
export function electricityReserve(
  kind: NodeKind,
  speed_fuel_per_ms: number,
  terms: { price_per_kwh_micro: Micro; margin_percent: number },
): Micro {
  if (speed_fuel_per_ms <= 0) return 1n;
  const seconds = Number(FUEL_PER_PRICE_UNIT) / (speed_fuel_per_ms * 1_000);
  const kwh = (WATTS[kind] * seconds) / 3_600_000;
  const price = kwh * Number(terms.price_per_kwh_micro) * (1 + terms.margin_percent / 100);
  return BigInt(Math.min(RESERVE_MAX_MICRO, Math.max(1, Math.ceil(price))));
}

/** The same for a slot that is kept whether it works or not: the device's whole draw for an hour, and the margin. */
export function electricityOfHour(kind: NodeKind, terms: { price_per_kwh_micro: Micro; margin_percent: number }): Micro {
  const price = (WATTS[kind] / 1_000) * Number(terms.price_per_kwh_micro) * (1 + terms.margin_percent / 100);
  return BigInt(Math.min(RESERVE_MAX_MICRO, Math.max(1, Math.ceil(price))));
}
