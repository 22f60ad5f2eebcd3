/**
 * Identifiers are UUIDv7 (RFC 9562): the first 48 bits are milliseconds, so that rows stay in order of arrival.
 * The random source is a parameter: libraries import no platform.
 */
export function uuidv7(now_ms: number, random: Uint8Array): string {
  if (random.length < 10) throw new RangeError('uuidv7 needs 10 random bytes');
  const time = Math.floor(now_ms).toString(16).padStart(12, '0');
  const byte = (i: number) => (random[i] ?? 0).toString(16).padStart(2, '0');
  const version = (0x7000 | (((random[0] ?? 0) << 8) & 0x0f00) | (random[1] ?? 0)).toString(16);
  const variant = (0x80 | ((random[2] ?? 0) & 0x3f)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}${byte(3)}-${byte(4)}${byte(5)}${byte(6)}${byte(7)}${byte(8)}${byte(9)}`;
}
