import pRetry from 'p-retry';
import { type RequestBody, type ResponseOf, type Route } from '#protocol';
import { HeapError } from '#units';
import { sleep, withDeadline } from './abort.js';
import { type Credentials, type HeapOptions, resolveCredentials } from './config.js';
import { fromResponse, unreachableHeap } from './errors.js';

export interface Call<R extends Route> {
  params?: Readonly<Record<string, string | number>>;
  query?: Readonly<Record<string, string | number | undefined>>;
  body?: R['body'] extends 'binary' | 'stream' ? Uint8Array : RequestBody<R>;
  /** Repeating this POST is harmless although it takes no Idempotency-Key. */
  repeatable?: boolean;
  signal?: AbortSignal | undefined;
  timeout_ms?: number;
  /** Part of something longer: tried for `PATIENCE_MS`, or for so many ms, however often, so that a heap that restarts in between ends nothing. */
  patient?: boolean | number;
  /** Hears why it is about to be repeated; false gives it up. */
  again?: (error: HeapError) => boolean;
  /** How often it is repeated, instead of the client's own figure: 0 for what another request can stand in for. */
  retries?: number;
}

/** May pass: a heap whose database restarts answers 500. */
export const PASSING_STATUS: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);
const PATIENCE_MS = 120_000;
const RETRY_AFTER_MS_MAX = 60_000;

/** Carries the wait that the heap asked for from an attempt to the retry. */
class Retryable extends Error {
  constructor(
    readonly error: HeapError,
    readonly wait_ms: number,
    /** The heap refused before doing anything, so that even a request with effects may be repeated. */
    readonly undone: boolean,
  ) {
    super(error.message);
  }
}

export function retryAfterMs(header: string | null, now_ms: number): number {
  if (!header) return 0;
  const wait_ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now_ms;
  return Math.min(Math.max(wait_ms || 0, 0), RETRY_AFTER_MS_MAX);
}

export function urlOf(base: string, route: Route, call: Pick<Call<Route>, 'params' | 'query'>): string {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => {
    const value = call.params?.[name];
    if (value === undefined) throw new TypeError(`${route.path} needs ${name}`);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) query.set(name, String(value));
  return `${base}${path}${query.size ? `?${query}` : ''}`;
}

/** Typed requests by the routes of the protocol; retries what may be repeated. */
export class HttpClient {
  readonly credentials: Credentials;
  readonly #fetch: typeof globalThis.fetch;
  readonly #timeout_ms: number;
  readonly #retries: number;
  readonly #session: boolean;

  constructor(
    options: HeapOptions = {},
    private readonly backoff_ms = 100,
  ) {
    this.credentials = resolveCredentials(options);
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
    this.#timeout_ms = options.timeoutMs ?? 30_000;
    this.#retries = options.retries ?? 5;
    this.#session = options.session ?? false;
  }

  /** The route's answer, parsed; undefined for a route without one. Throws HeapError. */
  call<const R extends Route>(route: R, call: Call<R> = {}): Promise<ResponseOf<R>> {
    return this.#retrying(route, call, async (response) => {
      if (route.response === undefined) return undefined as ResponseOf<R>;
      if (typeof route.response === 'string') throw new TypeError(`${route.path} answers ${route.response}`);
      const parsed = route.response.safeParse(await response.json());
      if (parsed.success) return parsed.data as ResponseOf<R>;
      throw new HeapError(
        'unexpected_answer',
        `The heap answered ${route.method} ${route.path} in a way this SDK does not understand: are their versions far apart?`,
        'platform',
        { issues: parsed.error.issues.slice(0, 8) },
      );
    });
  }

  /** The bytes of a binary route. */
  bytes(route: Route, call: Call<Route> = {}): Promise<Uint8Array> {
    return this.#retrying(route, call, async (response) => new Uint8Array(await response.arrayBuffer()));
  }

  /** One attempt at a stream, headers received within the time-out; the caller reads its body and reconnects. */
  async stream(route: Route, call: Call<Route> & { headers?: Record<string, string>; signal: AbortSignal }): Promise<Response> {
    try {
      return await this.#send(route, call, { accept: 'text/event-stream', ...call.headers }, call.signal);
    } catch (error) {
      throw error instanceof Retryable ? error.error : error;
    }
  }

  async #retrying<T>(route: Route, call: Call<Route>, read: (response: Response) => Promise<T>): Promise<T> {
    const safe = route.method !== 'POST' || route.idempotent === true || call.repeatable === true;
    // One key for all attempts: the heap answers a repeated request with the first one's outcome.
    const headers: Record<string, string> = route.idempotent ? { 'idempotency-key': crypto.randomUUID() } : {};
    const attempt = () =>
      withDeadline(call.timeout_ms ?? this.#timeout_ms, call.signal, async (signal) => {
        const response = await this.#send(route, call, headers, signal);
        try {
          return await read(response);
        } catch (error) {
          // The connection broke in the middle of the answer.
          throw error instanceof HeapError || signal.aborted
            ? error
            : new Retryable(unreachableHeap(this.credentials.url, error), 0, false);
        }
      }).catch((error: unknown) => {
        throw error instanceof HeapError && error.code === 'timeout' ? new Retryable(error, 0, false) : error;
      });
    let given_up = false;
    try {
      return await pRetry(attempt, {
        ...(call.patient
          ? { retries: Number.POSITIVE_INFINITY, maxRetryTime: call.patient === true ? PATIENCE_MS : call.patient }
          : { retries: call.retries ?? this.#retries }),
        minTimeout: this.backoff_ms,
        maxTimeout: 5_000,
        randomize: true,
        ...(call.signal && { signal: call.signal }),
        shouldRetry: ({ error }) => error instanceof Retryable && (safe || error.undone) && !given_up,
        onFailedAttempt: async ({ error, retriesLeft }) => {
          if (!(error instanceof Retryable) || retriesLeft === 0 || !(safe || error.undone)) return;
          given_up = call.again?.(error.error) === false;
          if (!given_up) await sleep(error.wait_ms, call.signal);
        },
      });
    } catch (error) {
      throw error instanceof Retryable ? error.error : error;
    }
  }

  async #send(route: Route, call: Call<Route>, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    const { url, api_key } = this.credentials;
    if (route.access !== 'public' && !api_key && !this.#session)
      throw new HeapError('no_api_key', `No API key is known for the heap at ${url}: set HEAP_API_KEY or run \`heap login\`.`, 'user', {
        url,
      });
    const binary = call.body instanceof Uint8Array;
    const init: RequestInit = {
      method: route.method,
      signal,
      headers: {
        accept: 'application/json',
        ...(api_key && route.access !== 'public' && { authorization: `Bearer ${api_key}` }),
        ...(call.body !== undefined && { 'content-type': binary ? 'application/octet-stream' : 'application/json' }),
        ...headers,
      },
    };
    if (call.body !== undefined) init.body = binary ? (call.body as Uint8Array<ArrayBuffer>) : JSON.stringify(call.body);
    let response: Response;
    try {
      response = await this.#fetch(urlOf(url, route, call), init);
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new Retryable(unreachableHeap(url, cause), 0, false);
    }
    if (response.ok) return response;
    const error = await fromResponse(response);
    if (!PASSING_STATUS.has(response.status)) throw error;
    throw new Retryable(error, retryAfterMs(response.headers.get('retry-after'), Date.now()), response.status === 429);
  }
}
