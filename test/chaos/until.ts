import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 50;

/**
 * Polls until `look` answers with something; a look that fails has not found it yet.
 * @throws Error that names what was waited for, with the last failure as its cause.
 */
export async function until<T>(what: string, within_ms: number, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end_ms = performance.now() + within_ms;
  let cause: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > end_ms) throw new Error(`${what}: not within ${within_ms / 1_000} s`, { cause });
    await sleep(LOOK_MS);
  }
}
