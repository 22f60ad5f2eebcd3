import { PUBLIC } from '../text/public.en.js';

const KINDS = {
  work: { name: PUBLIC.markets.work, unit: PUBLIC.units.work },
  standing: { name: PUBLIC.markets.service, unit: PUBLIC.units.service },
  storage: { name: PUBLIC.markets.storage, unit: PUBLIC.units.storage },
};

/** What a market is called, and what one of its prices is for. */
export function marketWords(market: string): { name: string; unit: string } {
  const [kind = '', rest = ''] = market.split(':');
  const words = KINDS[kind as keyof typeof KINDS];
  return words ? { name: words.name(rest), unit: words.unit } : { name: market, unit: '' };
}
