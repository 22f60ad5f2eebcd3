import { HeapError } from '#units';

interface Headers {
  readonly 'sec-fetch-site'?: string | string[] | undefined;
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
}

/** Whether the page that makes this request came from here. A proxy may pass on a Host of its own; the public address is ours whatever it says. */
export function isOwnOrigin({ origin, host }: Headers, public_url: string | undefined): boolean {
  return origin !== undefined && (origin === public_url || (URL.canParse(origin) && new URL(origin).host === host));
}

/**
 * Refuses a request with a cookie that another site has made the browser send (cross-site request forgery).
 * @throws HeapError `forbidden`.
 */
export function assertSameOrigin({ method, headers }: { method: string; headers: Headers }, public_url: string | undefined): void {
  if (method === 'GET' || method === 'HEAD') return;
  const site = headers['sec-fetch-site'];
  const fetched_here = site === undefined || site === 'same-origin' || site === 'none';
  if (fetched_here && (headers.origin === undefined || isOwnOrigin(headers, public_url))) return;
  throw new HeapError('forbidden', 'A page of another site may not act with your sign-in. Use an API key from programs.', 'user');
}
