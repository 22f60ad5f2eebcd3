/*
 * Shows what the heap pushes to this browser. It lies below an address of its own, which no page has, so that it and the worker of /join do not
 * get into each other's way.
 */

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface PushEvent extends ExtendableEvent {
  readonly data: { json(): unknown } | null;
}
interface ClickEvent extends ExtendableEvent {
  readonly notification: Notification;
}
interface Window {
  readonly url: string;
  focus(): Promise<unknown>;
}
interface Scope {
  addEventListener(type: 'push', run: (event: PushEvent) => void): void;
  addEventListener(type: 'notificationclick', run: (event: ClickEvent) => void): void;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(of: { type: 'window'; includeUncontrolled: true }): Promise<Window[]>;
    openWindow(url: string): Promise<unknown>;
  };
}
const scope = globalThis as unknown as Scope;

/** As apps/broker/src/notices/push.channel.ts writes it. */
interface Pushed {
  id: string;
  title: string;
  body: string;
  url: string;
}

scope.addEventListener('push', (event) => {
  const pushed = event.data?.json() as Pushed | undefined;
  if (pushed === undefined) return;
  const { id, title, body, url } = pushed;
  event.waitUntil(scope.registration.showNotification(title, { body, tag: id, icon: '/join/icons/icon-192.png', data: { url } }));
});

scope.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { url } = event.notification.data as { url: string };
  event.waitUntil(open(new URL(url, location.origin)));
});

/** In a window of the console that is there already, or a new one. Nothing but pages of this heap. */
async function open(url: URL): Promise<unknown> {
  if (url.origin !== location.origin) return undefined;
  const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const here = windows.find((window) => new URL(window.url).pathname === url.pathname);
  return here ? here.focus() : scope.clients.openWindow(url.href);
}
