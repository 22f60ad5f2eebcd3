import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BodyOf, PROBLEM_CONTENT_TYPE, type ResponseOf, ROUTES, type Route } from '#protocol';
import { charge, FUEL_PER_PRICE_UNIT, HeapError } from '#units';
import { levelTerms } from '#verification';
import { FakeJob, type FakeProgram, javascriptProgram } from './fake-jobs.js';
import { FakeVolumes, NOT_OF_VOLUMES } from './fake-volumes.js';

type RouteName = keyof typeof ROUTES;
export interface FakeRequest {
  name: RouteName;
  headers: IncomingMessage['headers'];
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
}
/** What happens instead of an answer: the connection breaks before or after the request took effect, or another status is sent. */
export type Fault = 'drop-before' | 'drop-after' | { status: number; headers?: Record<string, string>; code?: string };

export interface FakeHeapOptions {
  program?: FakeProgram;
  /** Pause before each task settles. */
  settle_ms?: number;
  balance_micro?: bigint;
  price_micro?: bigint | null;
  /** Asked for each request with how often that route was asked before. */
  fault?: (request: FakeRequest, earlier: number) => Fault | undefined;
  /** The stream breaks after so many events. */
  stream_events_max?: number;
  /** Proxies exist that do not let streams through. */
  no_streams?: boolean;
}

/**
 * A heap for specs of its clients: it answers by the schemas of the routes, refuses what they refuse and runs tasks in this process. It has
 * no market and no ledger; journeys through the real broker are in test/e2e.
 */
export class FakeHeap {
  readonly api_key = 'oh_fake';
  readonly requests: FakeRequest[] = [];
  readonly jobs = new Map<string, FakeJob>();
  readonly blobs = new Map<string, Uint8Array>();
  readonly volumes = new FakeVolumes();
  readonly #put: object[] = [];
  readonly #modules = new Map<string, FakeProgram>();
  readonly #kept = new Map<string, unknown>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  url = '';
  balance_micro: bigint;

  private constructor(private readonly options: FakeHeapOptions) {
    this.balance_micro = options.balance_micro ?? 5_000_000n;
  }

  static async start(options: FakeHeapOptions = {}): Promise<FakeHeap> {
    const heap = new FakeHeap(options);
    await new Promise<void>((resolve) => heap.#server.listen(0, '127.0.0.1', resolve));
    heap.url = `http://127.0.0.1:${(heap.#server.address() as AddressInfo).port}`;
    return heap;
  }

  async close(): Promise<void> {
    for (const job of this.jobs.values()) job.end('CANCELLED');
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  asked(name: RouteName): FakeRequest[] {
    return this.requests.filter((request) => request.name === name);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const parsed = await this.#parse(request);
      const fault = this.options.fault?.(parsed, this.asked(parsed.name).length);
      this.requests.push(parsed);
      if (fault === 'drop-before') return void request.socket.destroy();
      if (typeof fault === 'object')
        return this.#problem(response, fault.status, fault.code ?? 'injected', 'An injected fault.', fault.headers);
      const route: Route = ROUTES[parsed.name];
      if (route.access !== 'public' && parsed.headers.authorization !== `Bearer ${this.api_key}`)
        return this.#problem(response, 401, 'unauthenticated', 'The key is not known.');
      if (route.response === 'event-stream') return await this.#stream(parsed, response);
      const answer = await this.#once(route, parsed);
      if (fault === 'drop-after') return void request.socket.destroy();
      if (answer instanceof Uint8Array) return void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(answer);
      if (route.response && route.response !== 'binary') (route.response as Exclude<Route['response'], string | undefined>).parse(answer);
      response.writeHead(route.status, { 'content-type': 'application/json' }).end(answer === undefined ? '' : JSON.stringify(answer));
    } catch (error) {
      const known = error instanceof HeapError;
      const status = known ? Number(error.details.status ?? 400) : 400;
      this.#problem(response, status, known ? error.code : 'invalid', (error as Error).message, {}, known ? error.details : {});
    }
  }

  async #parse(request: IncomingMessage): Promise<FakeRequest> {
    const url = new URL(request.url ?? '/', 'http://heap');
    for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][]) {
      const match = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`).exec(url.pathname);
      if (!match || route.method !== request.method) continue;
      const params = { ...match.groups } as Record<string, string>;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const raw = Buffer.concat(chunks);
      if (raw.length > 1024 * 1024 && typeof route.body !== 'string')
        throw new HeapError('too_large', 'Too large.', 'developer', { status: 413 });
      const body = typeof route.body === 'string' ? new Uint8Array(raw) : route.body?.parse(JSON.parse(raw.toString() || 'null'));
      const query = (route.query?.parse(Object.fromEntries(url.searchParams)) ?? {}) as Record<string, unknown>;
      route.params?.parse(params);
      return { name, headers: request.headers, params, query, body };
    }
    throw new HeapError('not_found', `no route ${request.method} ${url.pathname}`, 'developer', { status: 404 });
  }

  /** A repeated Idempotency-Key gets the first answer. */
  async #once(route: Route, request: FakeRequest): Promise<unknown> {
    const key = request.headers['idempotency-key'];
    if (!route.idempotent) return this.#any(request);
    if (typeof key !== 'string') throw new HeapError('idempotency_key_missing', 'Send an Idempotency-Key.', 'developer');
    if (!this.#kept.has(key)) this.#kept.set(key, await this.#any(request));
    return this.#kept.get(key);
  }

  async #any(request: FakeRequest): Promise<unknown> {
    const answer = await this.volumes.answer(request);
    return answer === NOT_OF_VOLUMES ? this.#answer(request) : answer;
  }

  #problem(
    response: ServerResponse,
    status: number,
    code: string,
    detail: string,
    headers: Record<string, string> = {},
    details = {},
  ): void {
    const problem = { type: 'about:blank', title: code, status, detail, code, fault: 'developer', request_id: randomUUID(), details };
    response.writeHead(status, { 'content-type': PROBLEM_CONTENT_TYPE, ...headers }).end(JSON.stringify(problem));
  }

  #job(request: FakeRequest): FakeJob {
    const job = this.jobs.get(request.params.job_id ?? '');
    if (!job) throw new HeapError('job_not_found', 'You have no such job.', 'developer', { status: 404 });
    return job;
  }

  async #stream(request: FakeRequest, response: ServerResponse): Promise<void> {
    const job = this.#job(request);
    if (this.options.no_streams) return this.#problem(response, 502, 'bad_gateway', 'No streams here.');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    let at = Number(request.headers['last-event-id'] ?? request.query.after ?? 0);
    for (let events = 0; ; ) {
      for (; at < job.outcomes.length; at++, events++) {
        if (events === this.options.stream_events_max) return void response.destroy();
        response.write(`id: ${at + 1}\nevent: result\ndata: ${JSON.stringify(job.outcomes[at])}\n\n`);
      }
      if (job.finished_at) return void response.end(`event: end\ndata: ${JSON.stringify(job.view())}\n\n`);
      await new Promise((resolve) => job.once('change', resolve));
    }
  }

  #answer(request: FakeRequest): unknown {
    const body = request.body as never;
    switch (request.name) {
      case 'heap':
        return {
          name: 'fake',
          version: '0',
          protocol: 'openheaps.v1',
          currency: 'USD',
          volume_grace_hours: 168,
          simulated_payments: true,
          nodes_online: 1,
          fee_basis_points: 0,
        };
      case 'me':
        return { id: 'p1', name: 'Ada', email: 'ada@example.org', roles: ['developer', 'owner'] };
      case 'balance':
        return this.#balance();
      case 'deposit': {
        const { amount_micro } = body as { amount_micro: string };
        this.balance_micro += BigInt(amount_micro);
        return {
          deposit_id: randomUUID(),
          state: 'SUCCEEDED',
          reason: { code: 'arrived', sentence: 'It arrived.' },
          amount_micro,
          refunded_micro: '0',
          disputed_micro: '0',
          provider: 'simulated',
          simulated: true,
          purpose: 'request',
          url: null,
          created_at: new Date().toISOString(),
        };
      }
      case 'estimate':
        return fakeEstimate(body, this.options.price_micro === undefined ? 2_000n : this.options.price_micro);
      case 'putModule':
        return this.#putModule(body, String(request.query.kind));
      case 'listModules':
        return { modules: this.#put };
      case 'putBlob':
        if (createHash('sha256').update(body).digest('hex') !== request.params.hash)
          throw new HeapError('hash_mismatch', 'Other bytes.', 'developer');
        this.blobs.set(request.params.hash, body);
        return undefined;
      case 'getBlob': {
        const blob = this.blobs.get(request.params.hash ?? '');
        if (!blob) throw new HeapError('blob_not_found', 'No such blob.', 'developer', { status: 404 });
        return blob;
      }
      case 'listNodes':
        return { nodes: [] };
      case 'createEnrolmentCode':
        return {
          code: 'AAAA-BBBB-CCCC-DDDD',
          expires_at: new Date().toISOString(),
          command: 'npx openheaps agent AAAA-BBBB-CCCC-DDDD',
          join_url: 'https://heap.example.org/join#AAAA-BBBB-CCCC-DDDD',
          join_hint: null,
        };
      default:
        return this.#answerJob(request);
    }
  }

  #answerJob(request: FakeRequest): unknown {
    const body = request.body as never;
    switch (request.name) {
      case 'placeJob':
        return this.#place(body);
      case 'listJobs':
        return { jobs: [...this.jobs.values()].reverse().map((job) => job.view()) };
      case 'getJob':
        return this.#job(request).view();
      case 'addTasks': {
        const job = this.#job(request);
        const { first_index, inputs } = body as { first_index: number; inputs: FakeJob['inputs'] };
        if (job.finished_at || !job.open) throw new HeapError('job_closed', 'The job takes no more inputs.', 'developer', { status: 409 });
        if (first_index > job.inputs.length) throw new HeapError('gap', 'Inputs are missing.', 'developer', { status: 409 });
        job.inputs.push(...inputs.slice(job.inputs.length - first_index));
        void job.pump();
        return { total: job.inputs.length };
      }
      case 'closeJob': {
        const job = this.#job(request);
        job.open = false;
        void job.pump();
        return job.view();
      }
      case 'cancelJob':
        this.#job(request).end('CANCELLED');
        return this.#job(request).view();
      case 'listResults': {
        const job = this.#job(request);
        const { after, limit } = request.query as { after: number; limit: number };
        return { results: job.outcomes.slice(after, after + limit), job: job.view() };
      }
      case 'getReceipt':
        return this.#job(request).receipt();
      default:
        throw new HeapError('not_found', `the fake heap has no ${request.name}`, 'developer', { status: 404 });
    }
  }

  #balance(): ResponseOf<typeof ROUTES.balance> {
    const none = '0';
    return {
      currency: 'USD',
      simulated: true,
      developer: { available_micro: String(this.balance_micro), held_micro: none, promo_micro: none, spent_micro: none },
      owner: { pending_micro: '1234', available_micro: none, reserve_micro: none, earned_micro: '1234' },
    };
  }

  #putModule(bytes: Uint8Array, kind: string) {
    const hash = createHash('sha256').update(bytes).digest('hex');
    this.#modules.set(hash, this.options.program ?? javascriptProgram(new TextDecoder().decode(bytes)));
    const module = { hash, metered_hash: hash, meter_id: 'fake', kind, bytes: bytes.length };
    this.#put.unshift({ ...module, created_at: new Date().toISOString() });
    return module;
  }

  #place(order: FakeJob['order']) {
    const program = this.#modules.get(order.module_hash);
    if (!program) throw new HeapError('module_not_found', 'Put the module first.', 'developer', { status: 404 });
    if (order.budget_micro > this.balance_micro)
      throw new HeapError('insufficient_funds', `The balance is short: deposit more.`, 'developer', { status: 402 });
    const job = new FakeJob(order, program, this.blobs, this.options.settle_ms ?? 0);
    this.jobs.set(job.id, job);
    return job.view();
  }
}

/** What a heap without constraints, candles or earlier work says. */
function fakeEstimate(ask: BodyOf<typeof ROUTES.estimate>, price: bigint | null): ResponseOf<typeof ROUTES.estimate> {
  const most = ask.max_price_micro ?? (price === null ? 100_000n : price * 2n || 1n);
  const reason = price === null ? ['no_offers', 'No node offers such a slot at present.'] : ['priced', 'Four slots are free.'];
  const [code = '', sentence = ''] = reason;
  const cost = charge(BigInt(ask.fuel_limit) * BigInt(ask.tasks ?? 1), most, FUEL_PER_PRICE_UNIT);
  return {
    slots_now: price === null ? 0 : 4,
    price_micro: price === null ? null : String(price),
    reason: { code, sentence },
    max_price_micro: String(most),
    confidence: 0.9,
    price_range: { low_micro: '0', high_micro: String(most) },
    cost_range: ask.tasks === null ? null : { low_micro: '0', high_micro: String(cost) },
    first_result_ms: { low: 0, high: null },
    work: { source: 'limits', tasks_measured: 0, fuel: { low: 0, high: ask.fuel_limit }, candles: 0 },
    verification: levelTerms(ask.verification),
    levers: [],
  };
}
