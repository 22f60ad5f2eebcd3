/** An hour of a market in which something was sold. */
export interface SoldHour {
  /** What its last round cleared at, in micro-units per 10¹² fuel. */
  price_micro: bigint;
  /** Slots sold in it × the hours of a lease. */
  slot_hours: number;
  /** The share of it in which the device may work, 0 to 1. */
  open: number;
}

export interface AdvisedDevice {
  slots: number;
  speed_fuel_per_ms: number;
  /** Watts of the whole device over watts that a slot's work is charged with: what an hour of a slot costs, micro-units. */
  electricity_per_slot_hour_micro: number;
  fee_basis_points: number;
}

export interface AtPrice {
  price_micro: bigint;
  earned_micro: bigint;
  electricity_micro: bigint;
  slot_hours: number;
}

const FUEL_PER_PRICE_UNIT = 1e12;
const HOUR_MS = 3_600_000;

/**
 * What a device would have earned at a reserve price. In a uniform-price auction (Vickrey 1961; market.md) whoever sells gets the round's
 * price, so that the reserve only decides in which hours there is a sale at all. It never sells more than was sold to anybody.
 */
export function earnedAt(price_micro: bigint, hours: readonly SoldHour[], device: AdvisedDevice): AtPrice {
  let slot_hours = 0;
  let gross = 0;
  for (const hour of hours) {
    if (hour.price_micro < price_micro) continue;
    const sold = Math.min(device.slots * hour.open, hour.slot_hours);
    slot_hours += sold;
    gross += (sold * HOUR_MS * device.speed_fuel_per_ms * Number(hour.price_micro)) / FUEL_PER_PRICE_UNIT;
  }
  return {
    price_micro,
    earned_micro: BigInt(Math.round((gross * (10_000 - device.fee_basis_points)) / 10_000)),
    electricity_micro: BigInt(Math.round(slot_hours * device.electricity_per_slot_hour_micro)),
    slot_hours,
  };
}

const LADDER_PERCENT = [0n, 50n, 100n, 150n, 200n, 300n, 500n] as const;
const RUNGS_MAX = 16;

/** Prices worth comparing, ascending: around the device's electricity, what the market paid, and those that must be among them. */
export function ladder(electricity_micro: bigint, hours: readonly SoldHour[], also: readonly bigint[]): bigint[] {
  const paid = hours.map((hour) => hour.price_micro).sort((a, b) => (a < b ? -1 : 1));
  const quantiles =
    paid.length === 0 ? [] : [0.1, 0.5, 0.9, 1].map((share) => paid[Math.min(paid.length - 1, Math.floor(share * paid.length))] as bigint);
  const rungs = [...LADDER_PERCENT.map((percent) => (electricity_micro * percent) / 100n), ...quantiles];
  const wanted = new Set(also);
  for (const rung of rungs) if (wanted.size < RUNGS_MAX) wanted.add(rung);
  return [...wanted].sort((a, b) => (a < b ? -1 : 1));
}
