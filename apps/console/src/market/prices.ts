import { moneyParts } from '../ui/format.js';

/** A price as text. */
export const priceText = (micro: string | bigint, currency: string): string => moneyParts(BigInt(micro), currency).whole;

/** In whole units of money, for a chart's axis. */
export const major = (micro: string): number => Number(micro) / 1_000_000;

export const kindOf = (market: string): 'work' | 'standing' | 'storage' =>
  market.startsWith('work:') ? 'work' : market.startsWith('standing:') ? 'standing' : 'storage';
