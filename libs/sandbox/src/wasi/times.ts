import { fault } from './errno.js';

const SET = { accessed: 1, accessed_now: 2, modified: 4, modified_now: 8 } as const;

/** Which times a call sets, by `fstflags` of preview 1; null leaves one as it is. */
export function timesOf(accessed_ns: bigint, modified_ns: bigint, which: number, now_ns: bigint): [bigint | null, bigint | null] {
  const chosen = (given_ns: bigint, given: number, now: number): bigint | null => {
    if (which & given && which & now) fault('inval');
    if (which & given) return BigInt.asUintN(64, given_ns);
    return which & now ? now_ns : null;
  };
  if (which & ~15) fault('inval');
  return [chosen(accessed_ns, SET.accessed, SET.accessed_now), chosen(modified_ns, SET.modified, SET.modified_now)];
}
