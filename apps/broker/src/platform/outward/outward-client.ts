import { lookup } from 'node:dns/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { OutwardFailure } from './outward-failure.js';
import { isAmong, isPublicAddress } from './public-address.js';

/** All addresses of a host. @throws when there are none. */
export type Resolver = (host: string) => Promise<readonly { address: string; family: number }[]>;

export interface OutwardAnswer {
  status: number;
  body: Buffer;
}

interface Outgoing {
  headers: Readonly<Record<string, string>>;
  body: Uint8Array | string;
}

export const OUTWARD_LIMITS = { total_ms: 5_000, answer_bytes: 64 * 1024 } as const;

const resolveAll: Resolver = (host) => lookup(host, { all: true, verbatim: true });

/**
 * The one way to servers that users name (webhooks, push services). A name is resolved once, every address it leads to is checked, and the
 * connection goes to those and no other, so that a second answer of the name's own server changes nothing. Redirects are not followed.
 */
export class OutwardClient {
  private readonly isAllowed: (address: string) => boolean;

  constructor(
    allowed: readonly string[],
    private readonly resolver: Resolver = resolveAll,
    private readonly limits: { total_ms: number; answer_bytes: number } = OUTWARD_LIMITS,
  ) {
    this.isAllowed = isAmong(allowed);
  }

  /** @throws OutwardFailure when there is no whole answer, or the address may not be called. */
  async post(address: string, outgoing: Outgoing): Promise<OutwardAnswer> {
    const url = urlOf(address);
    const deadline = new Deadline(this.limits.total_ms);
    try {
      const addresses = await deadline.within(this.resolved(url));
      return await this.send(url, addresses, outgoing, deadline);
    } finally {
      deadline.over();
    }
  }

  /** Refuses an address that could never be called, as far as that is seen without calling it. @throws OutwardFailure */
  async check(address: string): Promise<void> {
    const url = urlOf(address);
    const deadline = new Deadline(this.limits.total_ms);
    try {
      await deadline.within(this.resolved(url));
    } finally {
      deadline.over();
    }
  }

  private async resolved(url: URL): Promise<readonly { address: string; family: number }[]> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const literal = isIP(host);
    const addresses = literal
      ? [{ address: host, family: literal }]
      : await this.resolver(host).catch((error: NodeJS.ErrnoException) => {
          throw new OutwardFailure('host_unknown', error.code);
        });
    if (addresses.length === 0) throw new OutwardFailure('host_unknown');
    const allowed = addresses.every(({ address: found }) => this.isAllowed(found));
    // One bad address among good ones is a trap: none of them is called.
    if (!allowed && !addresses.every(({ address: found }) => isPublicAddress(found))) throw new OutwardFailure('address_refused');
    if (url.protocol !== 'https:' && !allowed) throw new OutwardFailure('not_https');
    return addresses;
  }

  private send(
    url: URL,
    addresses: readonly { address: string; family: number }[],
    { headers, body }: Outgoing,
    deadline: Deadline,
  ): Promise<OutwardAnswer> {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? https : http).request(url, {
        method: 'POST',
        headers: { ...headers, 'content-length': bytes.length },
        // No connection is kept for later: the next call checks its addresses itself.
        agent: false,
        lookup: lookupAmong(addresses),
      });
      const fail = (failure: OutwardFailure) => {
        reject(failure);
        request.destroy();
      };
      deadline.onOver(() => fail(new OutwardFailure('too_slow')));
      request.once('error', (error: NodeJS.ErrnoException) => fail(new OutwardFailure('unreachable', error.code ?? error.message)));
      request.once('response', (response) => {
        read(response, this.limits.answer_bytes).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), fail);
      });
      request.end(bytes);
    });
  }
}

function urlOf(address: string): URL {
  if (!URL.canParse(address)) throw new OutwardFailure('address_wrong');
  const url = new URL(address);
  if (!['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') throw new OutwardFailure('address_wrong');
  return url;
}

/** Instead of a second look-up: what was checked. */
const lookupAmong =
  (addresses: readonly { address: string; family: number }[]): LookupFunction =>
  (_, options, callback) => {
    if (options.all) return callback(null, [...addresses]);
    const first = addresses[0];
    return callback(null, first?.address ?? '', first?.family);
  };

async function read(response: IncomingMessage, bytes_max: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > bytes_max) throw new OutwardFailure('answer_too_large');
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof OutwardFailure) throw error;
    throw new OutwardFailure('unreachable', (error as NodeJS.ErrnoException).code);
  }
  return Buffer.concat(parts);
}

/** One time for looking up, connecting, sending and reading. */
class Deadline {
  private readonly timer: NodeJS.Timeout;
  private readonly ends: (() => void)[] = [];

  constructor(total_ms: number) {
    this.timer = setTimeout(() => {
      for (const end of this.ends) end();
    }, total_ms);
  }

  onOver(end: () => void): void {
    this.ends.push(end);
  }

  within<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, new Promise<never>((_, reject) => this.onOver(() => reject(new OutwardFailure('too_slow'))))]);
  }

  over(): void {
    clearTimeout(this.timer);
  }
}
