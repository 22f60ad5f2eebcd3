import type { Random } from '../runtime/random.js';
import { exit } from '../runtime/stop.js';
import type { Call, World } from './calls.js';
import { fault } from './errno.js';

const RANDOM_BYTE_FUEL = 100;
/** Each argument or variable that is copied. */
const TEXT_FUEL = 4_000;

/** Strings that a task reads as a whole: arguments or environment, each ending with NUL. */
export interface Texts {
  args: readonly Uint8Array[];
  env: readonly Uint8Array[];
}

const lengthOf = (texts: readonly Uint8Array[]): number => texts.reduce((sum, text) => sum + text.length, 0);

/** Arguments, environment, clocks, chance and the end. */
export function processCalls({ guest }: World, random: Random, texts: () => Texts): Record<string, Call> {
  const putTexts = (all: readonly Uint8Array[], pointers: number, bytes: number): void => {
    let pointer = pointers >>> 0;
    let at = bytes >>> 0;
    guest.charge(all.length * TEXT_FUEL + 4 * lengthOf(all));
    for (const text of all) {
      guest.put32(pointer, at);
      guest.slice(at, text.length).set(text);
      pointer += 4;
      at += text.length;
    }
  };
  const putSizes = (all: readonly Uint8Array[], count: number, bytes: number): void => {
    guest.put32(count, all.length);
    guest.put32(bytes, lengthOf(all));
  };
  return {
    args_sizes_get: (count: number, bytes: number) => putSizes(texts().args, count, bytes),
    args_get: (pointers: number, bytes: number) => putTexts(texts().args, pointers, bytes),
    environ_sizes_get: (count: number, bytes: number) => putSizes(texts().env, count, bytes),
    environ_get: (pointers: number, bytes: number) => putTexts(texts().env, pointers, bytes),
    clock_res_get(clock: number, pointer: number) {
      if (clock >>> 0 > 3) fault('inval');
      guest.put64(pointer, 1n);
    },
    clock_time_get(clock: number, _precision: bigint, pointer: number) {
      if (clock >>> 0 > 3) fault('inval');
      guest.put64(pointer, clock > 1 ? guest.worked() : guest.now());
    },
    random_get(pointer: number, length: number) {
      const bytes = guest.slice(pointer, length);
      guest.charge(bytes.length * RANDOM_BYTE_FUEL);
      random.fill(bytes);
    },
    proc_exit: (code: number) => exit(code),
    sched_yield: () => undefined,
    proc_raise: () => fault('nosys'),
  };
}
