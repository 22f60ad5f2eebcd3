import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ID_DIGITS = 12;
/** 43 digits of base 62 carry 256 bits. */
const SECRET_DIGITS = 43;
/** Six digits of base 62 hold 32 bits. */
const CHECKSUM_DIGITS = 6;

export const API_KEY_PREFIX = 'oh_';
/** `oh_<id>`: what is kept in plain text to tell keys apart. */
export const API_KEY_START_LENGTH = API_KEY_PREFIX.length + ID_DIGITS;

const SHAPE = new RegExp(`^${API_KEY_PREFIX}[0-9A-Za-z]{${ID_DIGITS}}_[0-9A-Za-z]{${SECRET_DIGITS + CHECKSUM_DIGITS}}$`);

/** A new key `oh_<id>_<secret><checksum>`: secret scanners can find it, and a mistyped one needs no look-up. */
export function generateApiKey(): string {
  const body = `${API_KEY_PREFIX}${randomDigits(ID_DIGITS)}_${randomDigits(SECRET_DIGITS)}`;
  return body + checksum(body);
}

/** Whether the text has the shape of a key and its checksum fits; says nothing about the key's being known. */
export function isApiKey(text: string): boolean {
  return SHAPE.test(text) && checksum(text.slice(0, -CHECKSUM_DIGITS)) === text.slice(-CHECKSUM_DIGITS);
}

function randomDigits(count: number): string {
  let digits = '';
  while (digits.length < count) {
    // 248 is the largest multiple of 62 in a byte: larger ones would make the first digits likelier.
    for (const byte of randomBytes(count)) if (byte < 248 && digits.length < count) digits += DIGITS[byte % 62];
  }
  return digits;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECKSUM_DIGITS; i++) {
    digits = `${DIGITS[rest % 62]}${digits}`;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
