import type { Clock } from './ports.js';

export const pause = (clock: Clock, delay_ms: number): Promise<void> => new Promise((resolve) => clock.after(delay_ms, resolve));

/** Waits for `work`, but no longer than this. */
export async function within(clock: Clock, limit_ms: number, work: Promise<unknown>): Promise<void> {
  let cancel = () => {};
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(limit_ms, resolve);
  });
  await Promise.race([work, limit]);
  cancel();
}
