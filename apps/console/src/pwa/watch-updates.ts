import { TAKE_OVER } from './messages.js';
import type { UpdateState, Updates } from './updates.js';

const LOOK_EVERY_MS = 30 * 60_000;
const UPDATED = 'heap.updated';

/** Keeps the page on this device and looks for new versions; a browser without service workers has neither. */
export function watchUpdates(): Updates {
  let state: UpdateState = sessionStorage.getItem(UPDATED) === null ? 'none' : 'done';
  sessionStorage.removeItem(UPDATED);
  let waiting: ServiceWorker | null = null;
  const listeners = new Set<() => void>();
  const found = (worker: ServiceWorker | null) => {
    if (worker === null || navigator.serviceWorker.controller === null) return;
    waiting = worker;
    state = 'waiting';
    for (const changed of listeners) changed();
  };

  async function register(): Promise<void> {
    const registration = await navigator.serviceWorker.register('/join/sw.js', { scope: '/join', updateViaCache: 'none' });
    found(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const { installing } = registration;
      installing?.addEventListener('statechange', () => {
        if (installing.state === 'installed') found(installing);
      });
    });
    const look = () => void registration.update().catch(() => undefined);
    setInterval(look, LOOK_EVERY_MS);
    addEventListener('online', look);
  }

  if ('serviceWorker' in navigator) {
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      sessionStorage.setItem(UPDATED, 'yes');
      location.reload();
    });
    // Without it the page works as well, only not offline.
    void register().catch((error: unknown) => console.warn('The page cannot be kept for offline use:', error));
  }
  return {
    snapshot: () => state,
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    apply: () => waiting?.postMessage(TAKE_OVER),
  };
}
