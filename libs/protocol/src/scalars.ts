import { z } from 'zod';
import { AMOUNT_LIMIT, NODE_KINDS, SLOT_CLASSES } from '#units';

/** Money on the wire: a decimal string of micro-units, never a JSON number. */
export const micro = z
  .string()
  .regex(/^\d{1,19}$/, 'write money as a string of decimal digits: micro-units, a millionth of the currency')
  .transform((text) => BigInt(text))
  .refine((amount) => amount < AMOUNT_LIMIT, 'the amount is too large');

/** Money as the broker sends it. */
export const microText = z.string().regex(/^-?\d{1,20}$/);

/** Fuel fits a JSON number up to 2⁵³; a task cannot burn more. */
export const fuel = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const id = z.uuid();
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hexadecimal digits');
export const base64 = z.base64();
export const slotClass = z.enum(SLOT_CLASSES);
export const nodeKind = z.enum(NODE_KINDS);
/** A typed reason: lower-case words joined by underscores or dots. */
export const code = z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/);
export const instant = z.iso.datetime({ offset: true });
