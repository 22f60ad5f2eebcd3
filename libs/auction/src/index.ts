export { canonical, type Json } from './canonical.js';
export { clear, DEFAULT_RULES } from './clear.js';
export { OfferIndex, PRICE_LIMIT, QUANTITY_LIMIT } from './offer-index.js';
export * from './reasons.js';
export * from './receipt.js';
export * from './types.js';
