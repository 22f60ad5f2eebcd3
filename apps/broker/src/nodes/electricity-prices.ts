import type { Micro } from '#units';

/**
 * What a household pays for a kWh, taxes included, in micro-units of a US dollar, rounded up. Looked up again on 2026-11-29.
 *
 * Europe: Eurostat, household electricity prices of the second half of 2024 (nrg_pc_204, news of 6 May 2025), in euros per 100 kWh as noted at each line.
 * At 1.08 dollars for a euro, an assumption: about the mean of 2024. United States: EIA, Electric Power Monthly, residential average of 2024, rounded up
 * to 0.165; the year as a whole could not be looked up again, its first months (15.45 cents in January) could. A heap in another currency has the same
 * figures as a first guess: owners set what they pay.
 */
const PER_KWH_MICRO: Readonly<Record<string, Micro>> = {
  be: 358_000n, // 33.13
  bg: 132_000n, // 12.17
  cy: 352_000n, // 32.51
  cz: 357_000n, // 33.02
  de: 426_000n, // 39.43
  dk: 407_000n, // 37.63
  fr: 317_000n, // 29.26
  hu: 112_000n, // 10.32
  ie: 400_000n, // 36.99
  it: 336_000n, // 31.11
  mt: 141_000n, // 13.01
  pt: 284_000n, // 26.26
  us: 165_000n,
};

/** The average of the European Union by the same source, 28.72: an assumption for the countries of it that the table does not list. */
const EU_AVERAGE_MICRO: Micro = 311_000n;
const EU_UNLISTED = new Set(['at', 'ee', 'es', 'fi', 'gr', 'hr', 'lt', 'lu', 'lv', 'nl', 'pl', 'ro', 'se', 'si', 'sk']);

/** Where the region is not known, an assumption: above all of the prices listed, so that nobody sells below cost unknowingly. */
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
