import { HeapError } from '#units';
import { builtin, platform } from './platform.js';

export interface HeapOptions {
  /** Where the heap is, for example `http://127.0.0.1:7400`. */
  url?: string;
  /** An API key of a developer on that heap. */
  apiKey?: string;
  /** In a page that the heap itself served: the session of who is signed in there speaks instead of a key. */
  session?: boolean;
  /** How long one attempt of one request may take, in ms. Default 30,000. */
  timeoutMs?: number;
  /** How often a request that may be repeated is repeated. Default 5. */
  retries?: number;
  /** Another implementation of fetch. */
  fetch?: typeof globalThis.fetch;
}

export interface Credentials {
  url: string;
  api_key: string | null;
}

/** What `npm start`, `heap dev` and `heap login` leave behind. */
export interface Profile {
  url?: string;
  api_key?: string;
}

/** Where the profile is kept: `HEAP_PROFILE`, or `.openheaps/profile.json` in the home directory; null in a browser. */
export function profilePath(): string | null {
  const os = builtin('node:os');
  const path = builtin('node:path');
  if (!os || !path) return null;
  return platform.process?.env.HEAP_PROFILE || path.join(os.homedir(), '.openheaps', 'profile.json');
}

function readProfile(): Profile {
  const file = profilePath();
  const fs = builtin('node:fs');
  if (!file || !fs?.existsSync(file)) return {};
  try {
    const { url, api_key } = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>;
    return { ...(typeof url === 'string' && { url }), ...(typeof api_key === 'string' && { api_key }) };
  } catch (cause) {
    const error = new HeapError('bad_profile', `The profile ${file} cannot be read as JSON: mend it or run \`heap login\`.`, 'user', {
      file,
    });
    error.cause = cause;
    throw error;
  }
}

function origin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new HeapError('bad_url', `"${text}" is not the address of a heap: write it like http://127.0.0.1:7400`, 'user');
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

/**
 * Options come first, then HEAP_URL and HEAP_API_KEY, then the profile. The profile's key goes to the profile's heap only.
 * @throws HeapError `no_heap` when no address is found, `bad_url`, `bad_profile`.
 */
export function resolveCredentials(options: HeapOptions): Credentials {
  const env = platform.process?.env ?? {};
  const explicit = options.url ?? env.HEAP_URL;
  const key = options.apiKey ?? env.HEAP_API_KEY;
  const profile = explicit && key ? {} : readProfile();
  const url = explicit || profile.url;
  if (!url)
    throw new HeapError(
      'no_heap',
      'No heap is known here: start one with `npx heap dev`, or set HEAP_URL and HEAP_API_KEY, or run `heap login`.',
      'user',
    );
  const own = profile.url !== undefined && origin(url) === origin(profile.url) ? profile.api_key : undefined;
  return { url: origin(url), api_key: key || own || null };
}
