import { HeapError } from '#units';

/** What a receipt may hold. A bigint is written as a decimal string, as everywhere in the product's JSON. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * One text for one value: keys in the order of their code units, no spaces, absent members left out, bigints as decimal
 * strings (after RFC 8785, whose rules for strings and numbers are those of JSON.stringify).
 * @throws HeapError `not_canonical` for a number that is not finite.
 */
export function canonical(value: Json): string {
  if (typeof value === 'bigint') return `"${value}"`;
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new HeapError('not_canonical', `${value} has no canonical form: a receipt holds finite numbers only.`, 'platform');
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  const members: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonical(member)}`);
  }
  return `{${members.join(',')}}`;
}

export interface Difference {
  /** Where, for example `outputs.assignments[3].price`. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** The first place at which two values differ, in canonical order; undefined when they are the same. */
export function firstDifference(expected: Json | undefined, found: Json | undefined, path = ''): Difference | undefined {
  const [a, b] = [plain(expected), plain(found)];
  if (isObject(a) && isObject(b) && isList(a) === isList(b)) {
    const keys = isList(a) ? [...Array(Math.max(a.length, (b as readonly Json[]).length)).keys()].map(String) : memberNames(a, b);
    for (const key of keys) {
      const at = isList(a) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
      const difference = firstDifference(member(a, key), member(b, key), at);
      if (difference) return difference;
    }
    return undefined;
  }
  const [x, y] = [written(a), written(b)];
  return x === y ? undefined : { path, expected: x, found: y };
}

/** Where two texts differ first, in bytes of UTF-8. */
export function firstByte(a: string, b: string): number {
  let bytes = 0;
  let at = 0;
  for (const character of a) {
    if (!b.startsWith(character, at)) return bytes;
    at += character.length;
    bytes += bytesOf(character.codePointAt(0) as number);
  }
  return bytes;
}

function bytesOf(point: number): number {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

function plain(value: Json | undefined): Json | undefined {
  return typeof value === 'bigint' ? String(value) : value;
}

function written(value: Json | undefined): string {
  return value === undefined ? 'nothing' : canonical(value);
}

function memberNames(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

function member(value: object, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? (value as Record<string, Json | undefined>)[key] : undefined;
}

function isObject(value: Json | undefined): value is readonly Json[] | { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
