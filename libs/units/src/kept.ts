import { MARKETS, type StandingMarketName, type StorageMarketName } from './markets.js';
import { charge, type Micro } from './money.js';

/** The goods that are kept rather than worked with: slots for services by the hour, bytes by the month. */
const HOUR_US = 3_600_000_000n;
/** A month of storage is 30 days, whatever the calendar says: prices of two months can be compared. */
export const MONTH_HOURS = 720n;
export const GB_BYTES = 1_000_000_000n;

export type KeptMarketName = StandingMarketName | StorageMarketName;
export const KEPT_MARKETS = MARKETS.filter((market): market is KeptMarketName => !market.startsWith('work:'));

export const isStorage = (market: string): boolean => market.startsWith('storage:');

/** The time that a price of the market is for, in microseconds: a slot-hour or a GB-month. */
export const keptUnitUs = (market: string): bigint => (isStorage(market) ? MONTH_HOURS * HOUR_US : HOUR_US);

/** What so many slots or GB cost for so long. */
export const keptCost = (market: string, quantity: number, kept_us: bigint, price_micro: Micro): Micro =>
  charge(BigInt(quantity) * kept_us, price_micro, keptUnitUs(market));

/** What bytes cost that were found in audits, in bytes times hours. */
export const auditedCost = (byte_hours: bigint, price_micro: Micro): Micro => charge(byte_hours, price_micro, GB_BYTES * MONTH_HOURS);

/** How long an amount pays for so many slots or GB, in microseconds. */
export const keptTimeFor = (market: string, quantity: number, price_micro: Micro, amount_micro: Micro): bigint =>
  charge(amount_micro, keptUnitUs(market), BigInt(quantity) * price_micro);
