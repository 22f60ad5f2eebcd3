import { type Picture, pictureOf } from './picture.js';
import type { Result } from './use-results.js';

/** What is drawn of a job's results: tiles of one picture, or pictures that stand alone. */
export interface Pictures {
  /** The size of the whole that the tiles belong to; null without tiles. */
  whole: { width: number; height: number } | null;
  tiles: readonly Picture[];
  alone: readonly Picture[];
}

const known = new WeakMap<Result, Picture | null>();

/** Read once for each result. */
export function pictureOfResult(result: Result): Picture | null {
  if (result.error !== null) return null;
  const before = known.get(result);
  if (before !== undefined) return before;
  const picture = pictureOf(result.value);
  known.set(result, picture);
  return picture;
}

export function picturesOf(results: readonly Result[]): Pictures {
  const all = results.map(pictureOfResult).filter((picture) => picture !== null);
  const tiles = all.filter((picture) => picture.kind === 'pixels' && picture.tile !== null);
  const [first] = tiles;
  const whole = first?.kind === 'pixels' && first.tile ? { width: first.tile.width, height: first.tile.height } : null;
  const fits = (picture: Picture) =>
    whole !== null && picture.kind === 'pixels' && picture.tile?.width === whole.width && picture.tile.height === whole.height;
  return { whole, tiles: tiles.filter(fits), alone: all.filter((picture) => !fits(picture)) };
}
