import type { Offer } from '#auction';
import { NODE_KINDS, type NodeKind } from '#units';
import { electricityReserve } from '../../apps/broker/src/nodes/electricity.js';
import { electricityPrice } from '../../apps/broker/src/nodes/electricity-prices.js';

export const MARKET = 'work:micro';

/** A region, its hours ahead of UTC, and its share of the devices. */
const REGIONS: readonly (readonly [string, number, number])[] = [
  ['de', 1, 0.25],
  ['fr', 1, 0.15],
  ['pl', 1, 0.1],
  ['us-ca', -8, 0.2],
  ['us-tx', -6, 0.15],
  ['jp', 9, 0.15],
];
/** Share of the devices and fuel per ms of one slot, slow to fast: within what agents measured (performance.md). */
const KINDS: Readonly<Record<NodeKind, readonly [share: number, speeds: readonly number[]]>> = {
  phone: [0.4, [4e6, 8e6, 12e6]],
  netbook: [0.05, [3e6, 5e6]],
  laptop: [0.25, [10e6, 16e6, 22e6]],
  console: [0.1, [14e6, 18e6]],
  settop: [0.1, [2e6, 4e6]],
  board: [0.05, [3e6, 6e6]],
  server: [0.05, [16e6, 24e6]],
};
/** By which chance such a device is there at an hour of its owner's day: phones charge at night, laptops idle in the evening. */
const presence = (kind: NodeKind, hour: number): number => {
  const night = hour < 7 || hour >= 22;
  const evening = hour >= 17 && hour < 24;
  if (kind === 'phone') return night ? 0.85 : 0.2;
  if (kind === 'laptop' || kind === 'netbook') return evening ? 0.6 : night ? 0.4 : 0.3;
  if (kind === 'console') return evening ? 0.3 : 0.6;
  return 0.95;
};
const SESSION_MINUTES = 90;
const MARGIN_PERCENT = 25;

export interface Device {
  readonly offer: Offer;
  readonly kind: NodeKind;
  readonly trait: string;
  readonly hours_ahead: number;
  online: boolean;
  leased: number;
  income_micro: number;
  minutes_online: number;
  minutes_leased: number;
  /** What it would have been leased if in every minute the slots of its trait that were leased had been dealt evenly to the devices that were there. */
  minutes_due: number;
}

/** Owners with one to three devices each, priced by their electricity as a broker prices them. */
export function makeDevices(count: number, random: () => number): Device[] {
  const devices: Device[] = [];
  for (let owner = 0; devices.length < count; owner++) {
    const [region, hours_ahead] = pick(REGIONS, random, ([, , share]) => share);
    for (let of = 1 + Math.floor(random() * 3); of > 0 && devices.length < count; of--) {
      const kind = pick(NODE_KINDS, random, (name) => KINDS[name][0]);
      const speeds = KINDS[kind][1];
      const speed = speeds[Math.floor(random() * speeds.length)] as number;
      const { price_per_kwh_micro } = electricityPrice(null, region);
      const reserve_price = electricityReserve(kind, speed, { price_per_kwh_micro, margin_percent: MARGIN_PERCENT });
      const attributes = { region, kind, speed, labels: [], trust: 0 };
      const offer = {
        id: `n${devices.length}`,
        owner: `o${owner}`,
        market: MARKET,
        slots: 1,
        reserve_price,
        attributes,
        arrival: devices.length,
      };
      const online = random() < presence(kind, hours_ahead < 0 ? 24 + hours_ahead : hours_ahead);
      devices.push({
        ...{ offer, kind, hours_ahead, online, trait: `${region} ${kind} ${speed}` },
        ...{ leased: 0, income_micro: 0, minutes_online: 0, minutes_leased: 0, minutes_due: 0 },
      });
    }
  }
  return devices;
}

/** Whether a device is there in the next minute: it comes and goes so that by the hour its kind's share of them is there. */
export function staysOrComes(device: Device, minute: number, random: () => number): boolean {
  const share = presence(device.kind, (((minute / 60 + device.hours_ahead) % 24) + 24) % 24);
  const goes = 1 / SESSION_MINUTES;
  return device.online ? random() >= goes * (1 - share) * 2 : random() < goes * share * 2;
}

export function pick<T>(values: readonly T[], random: () => number, share: (value: T) => number): T {
  let left = random() * values.reduce((all, value) => all + share(value), 0);
  for (const value of values) {
    left -= share(value);
    if (left < 0) return value;
  }
  return values.at(-1) as T;
}
