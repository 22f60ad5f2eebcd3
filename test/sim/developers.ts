import type { Constraints, Order } from '#auction';
import { MARKET, pick } from './owners.js';
import { normal } from './statistics.js';

export const DEVELOPER_KINDS = ['interactive', 'batch', 'science', 'rush'] as const;
export type DeveloperKind = (typeof DEVELOPER_KINDS)[number];

interface Habits {
  /** Share of all work outside the rush. */
  readonly share: number;
  /** Slots at a time, and minutes of work for each. */
  readonly slots: readonly [number, number];
  readonly minutes: readonly [number, number];
  /** What the work is worth, as a multiple of the median reserve: median and spread of a log-normal. */
  readonly worth: readonly [number, number];
  /** After so many minutes without a slot it gives up. */
  readonly patience_minutes: number;
}

export const HABITS: Readonly<Record<DeveloperKind, Habits>> = {
  interactive: { share: 0.2, slots: [1, 4], minutes: [1, 6], worth: [3, 0.4], patience_minutes: 15 },
  batch: { share: 0.5, slots: [4, 40], minutes: [20, 90], worth: [1.4, 0.35], patience_minutes: 360 },
  science: { share: 0.3, slots: [10, 60], minutes: [60, 180], worth: [0.8, 0.25], patience_minutes: 720 },
  rush: { share: 0, slots: [10, 60], minutes: [10, 40], worth: [2.5, 0.3], patience_minutes: 120 },
};

const CONSTRAINTS: readonly (readonly [Constraints | undefined, number])[] = [
  [undefined, 0.55],
  [{ regions: ['de', 'fr', 'pl'] }, 0.12],
  [{ regions: ['us-ca', 'us-tx'] }, 0.08],
  [{ kinds: ['laptop', 'server', 'console'] }, 0.1],
  [{ min_speed: 8e6 }, 0.1],
  [{ regions: ['de'], min_speed: 10e6 }, 0.05],
];

/** An order and how it goes. Work is in slot-minutes. */
export interface Wish {
  readonly order: Order;
  readonly kind: DeveloperKind;
  readonly placed: number;
  readonly patience_minutes: number;
  left: number;
  held: number;
  /** Nodes whose term ended this minute. */
  incumbents: string[];
  filled: number | null;
  first_price: bigint | null;
}

export function makeWish(id: string, kind: DeveloperKind, minute: number, median_reserve: number, random: () => number): Wish {
  const { slots, minutes, worth, patience_minutes } = HABITS[kind];
  const between = ([low, high]: readonly [number, number]) => low + Math.floor(random() * (high - low + 1));
  const quantity = between(slots);
  const max_price = BigInt(Math.max(1, Math.round(median_reserve * worth[0] * Math.exp(worth[1] * normal(random)))));
  const [constraints] = pick(CONSTRAINTS, random, ([, share]) => share);
  const order: Order = {
    ...{ id, buyer: id, market: MARKET, quantity, max_price, arrival: minute },
    ...(constraints && { constraints }),
    ...(kind === 'science' && { spread: 'owner' as const }),
  };
  return {
    ...{ order, kind, placed: minute, patience_minutes },
    ...{ left: quantity * between(minutes), held: 0, incumbents: [], filled: null, first_price: null },
  };
}

/** Slot-minutes that an order of the kind comes to on average. */
export const meanWork = (kind: DeveloperKind): number => {
  const { slots, minutes } = HABITS[kind];
  return ((slots[0] + slots[1]) / 2) * ((minutes[0] + minutes[1]) / 2);
};
