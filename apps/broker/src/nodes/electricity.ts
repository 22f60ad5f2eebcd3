import { FUEL_PER_PRICE_UNIT, type Micro, type NodeKind, PRICE_LIMIT } from '#units';

/**
 * Watts that a device of each kind draws under sustained load of its processor, screen off, rounded up. Typical figures of a class, not a
 * measurement of the device: who knows better sets a price of their own.
 */
export const WATTS: Readonly<Record<NodeKind, number>> = {
  /** What a phone's case can shed for long: 3 to 5 W. */
  phone: 4,
  /** Intel's N series: 6 W of processor, and its board. */
  netbook: 10,
  /** Processors of 15 to 28 W, sustained, with memory and losses of the charger. */
  laptop: 25,
  /** Games of the PlayStation 4 and Xbox One class, without their graphics at full load. */
  console: 90,
  /** Boxes of the EU's voluntary agreement on complex set-top boxes draw 5 to 15 W when on. */
  settop: 8,
  /** A Raspberry Pi 4 or 5 with all cores busy: 5 to 7 W at the plug. */
  board: 7,
  /** One socket, half loaded, as in results of SPECpower_ssj2008. */
  server: 120,
};

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
