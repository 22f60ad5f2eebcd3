/** A part of a picture as plain pixels, red, green, blue and opacity in turn; `of` says of what it is a tile, and where. */
export interface Pixels {
  kind: 'pixels';
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
  tile: { x: number; y: number; width: number; height: number } | null;
}
/** A file that a browser knows how to draw. */
export interface Encoded {
  kind: 'encoded';
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
}
export type Picture = Pixels | Encoded;

const SIDE_MAX = 8_192;
const PIXELS_MAX = 16_000_000;

const MAGIC: readonly (readonly [type: string, at: number, bytes: readonly number[]])[] = [
  ['image/png', 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ['image/jpeg', 0, [0xff, 0xd8, 0xff]],
  ['image/gif', 0, [0x47, 0x49, 0x46, 0x38]],
  ['image/webp', 8, [0x57, 0x45, 0x42, 0x50]],
  ['image/bmp', 0, [0x42, 0x4d]],
];

/**
 * What can be drawn of a result: the bytes of a PNG, JPEG, GIF, WebP or BMP, a data URL of one, or `{ width, height, rgba }` with the pixels as
 * base64 or numbers (`rgb` without opacity); with `x`, `y` and `of: { width, height }` it is a tile of a larger picture. Null for everything else.
 */
export function pictureOf(value: unknown): Picture | null {
  if (value instanceof Uint8Array) return encoded(value);
  if (typeof value === 'string') return fromDataUrl(value);
  if (typeof value !== 'object' || value === null) return null;
  return pixels(value as Readonly<Record<string, unknown>>);
}

function encoded(bytes: Uint8Array): Encoded | null {
  const found = MAGIC.find(([, at, magic]) => bytes.length > at + magic.length && magic.every((byte, i) => bytes[at + i] === byte));
  return found ? { kind: 'encoded', bytes: new Uint8Array(bytes), type: found[0] } : null;
}

function fromDataUrl(text: string): Encoded | null {
  const base64 = /^data:image\/[a-z0-9.+-]+;base64,([A-Za-z0-9+/=]+)$/.exec(text)?.[1];
  const bytes = base64 === undefined ? null : fromBase64(base64);
  return bytes && encoded(bytes);
}

const side = (value: unknown, least: number): number | null =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= SIDE_MAX ? Number(value) : null;

function pixels(value: Readonly<Record<string, unknown>>): Pixels | null {
  const [width, height] = [side(value.width, 1), side(value.height, 1)];
  if (width === null || height === null || width * height > PIXELS_MAX) return null;
  const channels = value.rgba === undefined ? 3 : 4;
  const raw = bytesOf(value.rgba ?? value.rgb);
  if (raw?.length !== width * height * channels) return null;
  return {
    kind: 'pixels',
    width,
    height,
    rgba: channels === 4 ? new Uint8ClampedArray(raw) : withOpacity(raw),
    tile: tileOf(value, width, height),
  };
}

function tileOf({ x, y, of }: Readonly<Record<string, unknown>>, width: number, height: number): Pixels['tile'] {
  const whole = (typeof of === 'object' && of !== null ? of : {}) as Readonly<Record<string, unknown>>;
  const [left, top, all_width, all_height] = [side(x, 0), side(y, 0), side(whole.width, 1), side(whole.height, 1)];
  if (left === null || top === null || all_width === null || all_height === null || all_width * all_height > PIXELS_MAX) return null;
  return left + width <= all_width && top + height <= all_height ? { x: left, y: top, width: all_width, height: all_height } : null;
}

function bytesOf(value: unknown): Uint8Array | null {
  if (typeof value === 'string') return fromBase64(value);
  return Array.isArray(value) && value.length <= 4 * PIXELS_MAX && value.every((n) => typeof n === 'number')
    ? Uint8Array.from(value)
    : null;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

function withOpacity(rgb: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray((rgb.length / 3) * 4).fill(255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from] ?? 0;
    rgba[to + 1] = rgb[from + 1] ?? 0;
    rgba[to + 2] = rgb[from + 2] ?? 0;
  }
  return rgba;
}
