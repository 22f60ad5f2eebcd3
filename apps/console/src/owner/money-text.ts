const MICRO = 1_000_000n;

/** As a person writes it: digits with at most six decimals. Null of nothing, undefined of what is no amount. */
export function microOf(text: string): string | null | undefined {
  const [, whole, part = ''] = /^(\d{1,9})(?:[.,](\d{1,6}))?$/.exec(text.trim()) ?? [];
  if (text.trim() === '') return null;
  return whole === undefined ? undefined : String(BigInt(whole) * MICRO + BigInt(part.padEnd(6, '0')));
}

/** The other way round. */
export function plainOf(micro: string): string {
  const value = BigInt(micro);
  const part = String(value % MICRO)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return part === '' ? String(value / MICRO) : `${value / MICRO}.${part}`;
}
