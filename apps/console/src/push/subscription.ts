const SCRIPT = '/push/sw.js';

export type PushTrouble = 'unsupported' | 'insecure' | 'denied' | 'failed';
export interface Subscribed {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** Why push cannot work here; null when nothing speaks against it. */
export function pushTrouble(): PushTrouble | null {
  if (!isSecureContext) return 'insecure';
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis)) return 'unsupported';
  return Notification.permission === 'denied' ? 'denied' : null;
}

/** Asks the person, then the browser's push service. To be called by a press: browsers refuse it otherwise. */
export async function subscribe(public_key: string): Promise<Subscribed | PushTrouble> {
  if ((await Notification.requestPermission()) !== 'granted') return 'denied';
  try {
    const registration = await navigator.serviceWorker.register(SCRIPT);
    await active(registration);
    // A subscription for another key of the heap, from before a new data folder, would never hear anything.
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
    const { endpoint, keys } = made.toJSON();
    return { endpoint: endpoint ?? '', p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' };
  } catch {
    return 'failed';
  }
}

function active(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting;
  if (registration.active || !worker) return Promise.resolve();
  return new Promise((resolve) => worker.addEventListener('statechange', () => worker.state === 'activated' && resolve()));
}
