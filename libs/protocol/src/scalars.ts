import * as z from 'zod';
import { AMOUNT_LIMIT, NODE_KINDS, PRICE_LIMIT, SLOT_CLASSES } from '#units';

/** Money on the wire: a decimal string of micro-units, never a JSON number. */
export const micro = z
  .string()
  .regex(/^\d{1,19}$/, 'write money as a string of decimal digits: micro-units, a millionth of the currency')
  .transform((text) => BigInt(text))
  .refine((amount) => amount < AMOUNT_LIMIT, 'the amount is too large');

/** A price for one unit of a market, in micro-units. */
export const price = micro.refine((amount) => amount < PRICE_LIMIT, `a price is below ${PRICE_LIMIT} micro-units`);

/** Money as the broker sends it. */
export const microText = z.string().regex(/^-?\d{1,20}$/);

/** Fuel fits a JSON number up to 2⁵³; a task cannot burn more. */
export const fuel = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A place in a list; PostgreSQL keeps it in an int4. */
export const place = z.number().int().min(0).max(2_147_483_647);
/** The same in a path or a query. */
export const placeText = z.coerce.number().int().min(0).max(2_147_483_647);

/** Text of at most `max` characters from a person or their program. PostgreSQL stores no NUL: it is refused. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .refine((value) => !value.includes('\0'), 'it must not contain the character NUL');
/** The same from a running program, which may write anything: a NUL becomes U+FFFD. */
export const programText = (max: number) =>
  z
    .string()
    .max(max)
    .transform((value) => value.replaceAll('\0', '\uFFFD'));

export const id = z.uuid();
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hexadecimal digits');
/** SHA-256 of no bytes: the output's hash where there is no output. */
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
export const base64 = z.base64();
export const slotClass = z.enum(SLOT_CLASSES);
export const nodeKind = z.enum(NODE_KINDS);
/** What a device key signs with: Ed25519 (RFC 8032), or ECDSA over P-256 with SHA-256 where a browser has no better. */
export const keyAlgorithm = z.enum(['ed25519', 'p256']);
export type KeyAlgorithm = z.output<typeof keyAlgorithm>;
/** Characters of the raw public key in base64: 32 bytes of Ed25519, the uncompressed point of 65 bytes of P-256. */
export const PUBLIC_KEY_CHARACTERS: Readonly<Record<KeyAlgorithm, number>> = { ed25519: 44, p256: 88 };
/** ISO 3166 in lower case, a country or a part of one. */
export const region = z.string().regex(/^[a-z]{2}(-[a-z0-9]{1,3})?$/, 'write a region as ISO 3166 has it, in lower case: de, us-ca');
/** A word that an owner gives a device and an order may ask for. */
export const label = z.string().regex(/^[a-z0-9][a-z0-9._:-]{0,31}$/, 'a label is up to 32 lower-case letters, digits and .:_-');
/** A typed reason: lower-case words joined by underscores or dots. */
export const code = z.string().regex(/^[a-z][a-z0-9_.-]{0,63}$/);
export const instant = z.iso.datetime({ offset: true });
