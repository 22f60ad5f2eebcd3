import { NEW_PAGE_FUEL } from '../../meter/weights.js';
import { PAGE_BYTES } from '../../runtime/engine.js';

/**
 * Fuel of what a call does with files beside HOST_CALL_FUEL, in the units of `meter/weights.ts` (some 40 a nanosecond), so that no call is
 * cheaper than its work.
 */
export const FILE_FUEL = {
  /** A path as a whole: it is decoded and cut up. */
  path: 20_000,
  /** Each name of a path. */
  name: 5_000,
  /** A file or directory that is made, also each one that the job gives, at the start. */
  node: 60_000,
  /** A listing, however short. */
  list: 10_000,
  /** An entry that is listed. */
  entry: 6_000,
  /** An entry that is passed over to find where a listing goes on. */
  skipped: 400,
} as const;

/** Bytes moved between the task and a file or stream. */
export const moved = (bytes: number): number => 64 + Math.floor(bytes / 2);

/** Memory that a file is given when it grows, what it had is copied to: as much a byte as a module pays for a new page. */
export const grown = (bytes: number): number => Math.floor((bytes * NEW_PAGE_FUEL) / PAGE_BYTES);

/** Bytes that are only cleared. */
export const cleared = (bytes: number): number => Math.floor(bytes / 2);
