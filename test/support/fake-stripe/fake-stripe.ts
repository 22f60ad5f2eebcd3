import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { FakeClock } from './clock.js';
import { Connect } from './connect.js';
import { expanded } from './expand.js';
import { type FaultKind, Faults } from './faults.js';
import { list, type Params, parseForm } from './form.js';
import { IdempotencyStore, type StoredAnswer } from './idempotency.js';
import { Payments } from './payments.js';
import { invalid, Refusal } from './refusal.js';
import { Reversals } from './reversals.js';
import { ROUTES } from './routes.js';
import { unknownParameter } from './shapes.js';
import { Webhooks } from './webhooks.js';
import { World } from './world.js';

export const PLATFORM_SECRET = 'whsec_platform';
export const CONNECT_SECRET = 'whsec_connect';
const SECRET_KEY = 'sk_test_fake';

/**
 * A Stripe of this machine: the real `stripe` package talks to it over HTTP. It keeps state, remembers idempotency keys, signs
 * its events and goes wrong when it is told to. Its objects have the types of the package, and the names of its parameters are held
 * against them, so that a drift breaks the build; parameters that it does not know are refused, as Stripe does.
 */
export class FakeStripe {
  readonly clock = new FakeClock();
  readonly world: World;
  readonly faults = new Faults();
  readonly webhooks = new Webhooks();
  readonly idempotency = new IdempotencyStore(this.clock);
  readonly payments: Payments;
  readonly reversals: Reversals;
  readonly connect: Connect;
  /** Requests that changed something, as "POST /v1/transfers". */
  readonly effects: string[] = [];
  private readonly server = http.createServer((request, response) => void this.serve(request, response));
  private readonly silent = new Set<http.ServerResponse>();

  private constructor(currency: string) {
    this.world = new World(currency.toLowerCase(), this.clock);
    this.world.onEvent = (event) => this.webhooks.onEvent(event);
    this.payments = new Payments(this.world);
    this.reversals = new Reversals(this.world);
    this.connect = new Connect(this.world);
  }

  static async start(currency = 'USD'): Promise<FakeStripe> {
    const fake = new FakeStripe(currency);
    fake.server.listen(0, '127.0.0.1');
    await new Promise((resolve) => fake.server.once('listening', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The settings with which a broker uses it. */
  env(public_url = 'http://127.0.0.1:7400'): Record<string, string> {
    return {
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_WEBHOOK_SECRETS: `whsec_old,${PLATFORM_SECRET}`,
      STRIPE_CONNECT_WEBHOOK_SECRETS: CONNECT_SECRET,
      STRIPE_API_URL: this.url,
      HEAP_PUBLIC_URL: public_url,
    };
  }

  /** Tells it where the broker listens. */
  notify(broker_url: string): void {
    this.webhooks.targets.splice(
      0,
      this.webhooks.targets.length,
      { url: `${broker_url}/v1/webhooks/stripe/platform`, secret: PLATFORM_SECRET, connect: false },
      { url: `${broker_url}/v1/webhooks/stripe/connect`, secret: CONNECT_SECRET, connect: true },
    );
  }

  fail(request: string, kind: FaultKind, times = 1): void {
    this.faults.plan(request, kind, times);
  }

  async stop(): Promise<void> {
    this.webhooks.automatic = false;
    this.webhooks.targets.length = 0;
    for (const response of this.silent) response.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.webhooks.settled();
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { pathname, search } = new URL(request.url ?? '/', 'http://fake');
    const method = request.method ?? 'GET';
    const fault = this.faults.take(method, pathname);
    if (fault === 'broken_before') return void response.destroy();
    if (fault === 'silent_before') return void this.silent.add(response);
    if (fault === 'rate_limited')
      return send(response, new Refusal(429, 'rate_limit_error', 'rate_limit', 'Too many requests.'), { 'retry-after': '1' });
    if (fault === 'unavailable') return send(response, new Refusal(503, 'api_error', 'unavailable', 'Try again later.'));
    const headers = { key: header(request, 'idempotency-key'), account: header(request, 'stripe-account') ?? '' };
    const params = method === 'GET' ? parseForm(search.slice(1)) : pathname.startsWith('/v2/') ? JSON.parse(body || '{}') : parseForm(body);
    const answer = this.once(method, pathname, body, params, headers, fault);
    if (fault === 'broken_after') return void response.destroy();
    if (fault === 'silent_after') return void this.silent.add(response);
    await this.faults.answerMay(method, pathname);
    sendStored(response, answer);
  }

  /** A request with a key is done once; what its first attempt was answered is the answer for ever. */
  private once(
    method: string,
    path: string,
    body: string,
    params: Params,
    { key, account }: { key: string | undefined; account: string },
    fault: FaultKind | undefined,
  ): StoredAnswer {
    if (method !== 'POST' || key === undefined) return this.answer(method, path, params, account);
    const scoped = `${account}/${key}`;
    const begun = this.idempotency.begin(scoped, `${path}\n${body}`);
    if (begun === 'conflict')
      return refused(
        new Refusal(
          400,
          'idempotency_error',
          'idempotency_error',
          `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
        ),
      );
    if (begun === 'busy')
      return refused(new Refusal(409, 'idempotency_error', 'idempotency_key_in_use', 'Another request with this key is in progress.'));
    if (begun !== 'new') return begun;
    const broke = refused(new Refusal(500, 'api_error', 'internal', 'An unknown error occurred.'));
    const done = fault === 'error_before' ? broke : this.answer(method, path, params, account);
    const answer = fault === 'error_after' ? broke : done;
    this.idempotency.answer(scoped, answer);
    return answer;
  }

  private answer(method: string, path: string, params: Params, account: string): StoredAnswer {
    try {
      for (const [verb, pattern, answer] of ROUTES) {
        const match = verb === method ? pattern.exec(path) : null;
        if (!match) continue;
        const unknown = method === 'POST' ? unknownParameter(path, params) : null;
        if (unknown !== null) throw invalid('parameter_unknown', `Received unknown parameter: ${unknown}`);
        const { world, payments, reversals, connect } = this;
        const value = answer({ world, payments, reversals, connect, ids: match.slice(1), params, account });
        if (method === 'POST') this.effects.push(`${method} ${path}`);
        return { status: 200, body: expanded(world, value, list(params.expand).map(String)) };
      }
      throw new Refusal(404, 'invalid_request_error', 'url_invalid', `Unrecognized request URL (${method}: ${path}).`);
    } catch (error) {
      if (error instanceof Refusal) return refused(error);
      throw error;
    }
  }
}

const header = (request: http.IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
};

const refused = (refusal: Refusal): StoredAnswer => ({ status: refusal.status, body: refusal.body() });

function send(response: http.ServerResponse, refusal: Refusal, headers: Record<string, string> = {}): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  sendStored(response, refused(refusal));
}

function sendStored(response: http.ServerResponse, { status, body }: StoredAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_fake' });
  response.end(JSON.stringify(body));
}
