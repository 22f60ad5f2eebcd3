export { PRICE_LIMIT, QUANTITY_LIMIT } from './book.js';
export { canonical, type Json } from './canonical.js';
export { clear, DEFAULT_RULES } from './clear.js';
export * from './reasons.js';
export * from './receipt.js';
export * from './types.js';
