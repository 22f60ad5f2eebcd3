import { startTransition, useEffect, useState } from 'react';

/** Where a browser does not tell when it is idle, and at the latest elsewhere. */
const LATEST_MS = 2_000;
const GUESS_MS = 500;

/** Does what nobody waits for once the page has nothing better to do. @returns takes that back */
export function whenIdle(work: () => void): () => void {
  if (!('requestIdleCallback' in globalThis)) {
    const timer = setTimeout(work, GUESS_MS);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(work, { timeout: LATEST_MS });
  return () => cancelIdleCallback(handle);
}

/** False until the page has been idle once; what is drawn then is drawn in pieces. */
export function useIdle(): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => whenIdle(() => startTransition(() => setIdle(true))), []);
  return idle;
}
