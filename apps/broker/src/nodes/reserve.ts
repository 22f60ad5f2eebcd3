import { FUEL_PER_PRICE_UNIT, type Micro, type NodeKind, PRICE_LIMIT } from '#units';

/** Watts that a device of each kind draws more under load than idle: typical figures for its class, rounded up. */
const WATTS: Readonly<Record<NodeKind, number>> = { phone: 4, netbook: 10, laptop: 25, console: 90, settop: 8, board: 6, server: 120 };

/** USD per kWh, a high household price, so that the default covers the owner's electricity in most places. */
const PRICE_PER_KWH_MICRO = 350_000;
/** What the owner earns above the electricity at the very least. */
const MARGIN = 1.25;
/** Nobody buys beyond it, and a node that claims to stand still must not break the arithmetic. */
const RESERVE_MAX_MICRO = Number(PRICE_LIMIT - 1n);

/**
 * "Never below your electricity" (market.md): joules per 10¹² fuel × price per joule × margin, at least one micro-unit.
 * The whole device's draw is put on one slot: a slot never earns less than the device costs.
 * @param speed_fuel_per_ms measured speed of one slot.
 */
export function electricityReserve(kind: NodeKind, speed_fuel_per_ms: number): Micro {
  if (speed_fuel_per_ms <= 0) return 1n;
  const seconds = Number(FUEL_PER_PRICE_UNIT) / (speed_fuel_per_ms * 1_000);
  const kwh = (WATTS[kind] * seconds) / 3_600_000;
  return BigInt(Math.min(RESERVE_MAX_MICRO, Math.max(1, Math.ceil(kwh * PRICE_PER_KWH_MICRO * MARGIN))));
}
