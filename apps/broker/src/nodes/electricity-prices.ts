import type { Micro } from '#units';

/**
 * What a household pays for a kWh, taxes included, in micro-units of a US dollar, rounded up. Europe: Eurostat nrg_pc_204, second half of
 * 2024, bands of 2,500 to 5,000 kWh a year, at 1.08 dollars for a euro. United States: EIA, residential average of 2024. A heap in another
 * currency has the same figures as a first guess: owners set what they pay.
 */
const PER_KWH_MICRO: Readonly<Record<string, Micro>> = {
  be: 358_000n,
  bg: 132_000n,
  cy: 352_000n,
  cz: 357_000n,
  de: 426_000n,
  dk: 407_000n,
  gr: 309_000n,
  hu: 112_000n,
  ie: 400_000n,
  mt: 141_000n,
  pt: 284_000n,
  us: 165_000n,
};

/** The average of the European Union by the same source: for the countries of it that the table does not list. */
const EU_AVERAGE_MICRO: Micro = 311_000n;
const EU_UNLISTED = new Set(['at', 'ee', 'es', 'fi', 'fr', 'hr', 'it', 'lt', 'lu', 'lv', 'nl', 'pl', 'ro', 'se', 'si', 'sk']);

/** Where the region is not known: above nearly all of the prices that are, so that nobody sells below cost unknowingly. */
const ANYWHERE_MICRO: Micro = 430_000n;

export interface ElectricityPrice {
  price_per_kwh_micro: Micro;
  /** Who says so: the owner, a figure for the region, or the figure for everywhere else. */
  source: 'owner' | 'region' | 'anywhere';
}

/** @param region ISO 3166 in lower case; of a part of a country the country counts. */
export function electricityPrice(own_micro: Micro | null, region: string | null): ElectricityPrice {
  if (own_micro !== null) return { price_per_kwh_micro: own_micro, source: 'owner' };
  const country = region?.slice(0, 2) ?? '';
  const known = PER_KWH_MICRO[country] ?? (EU_UNLISTED.has(country) ? EU_AVERAGE_MICRO : undefined);
  return known === undefined
    ? { price_per_kwh_micro: ANYWHERE_MICRO, source: 'anywhere' }
    : { price_per_kwh_micro: known, source: 'region' };
}
