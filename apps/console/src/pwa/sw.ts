import { TAKE_OVER } from './messages.js';

/*
 * Keeps the files of one version of /join, so that the page opens without a network and its parts always fit each other. A new version waits
 * until the page says that nothing is under way.
 */

/** Put in by the build: a hash of the files, and their paths. */
declare const BUILD: { id: string; files: readonly string[] };

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Scope {
  addEventListener(type: 'install' | 'activate', run: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', run: (event: FetchEvent) => void): void;
  addEventListener(type: 'message', run: (event: MessageEvent) => void): void;
  skipWaiting(): Promise<void>;
}
const scope = globalThis as unknown as Scope;

const PREFIX = 'heap-join-';
const CACHE = PREFIX + BUILD.id;
const files = new Set(BUILD.files);

scope.addEventListener('install', (event) => {
  // Past the browser's own cache: half of an old version would be kept for good.
  const requests = BUILD.files.map((path) => new Request(path, { cache: 'reload' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

scope.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)))),
  );
});

scope.addEventListener('message', ({ data }) => {
  if (data === TAKE_OVER) void scope.skipWaiting();
});

scope.addEventListener('fetch', (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin || !files.has(pathname)) return;
  event.respondWith(caches.match(pathname, { cacheName: CACHE }).then((kept) => kept ?? fetch(event.request)));
});
