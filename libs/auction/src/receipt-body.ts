import type { Json } from './canonical.js';

/** A digest as lower-case hexadecimal text, for instance SHA-256; the library brings none. */
export type Hash = (text: string) => string;

/**
 * A receipt as plain JSON: bigints are strings, members that were absent are absent. Offers and orders are sorted by id, so that the same
 * round has the same receipt wherever its rows came from.
 */
export type ReceiptBody = { readonly [key: string]: Json };
