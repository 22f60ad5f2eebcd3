import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { WebSocket } from 'ws';
import {
  type Body,
  Channel,
  COMMITS,
  commitmentText,
  decodeFrame,
  enrolmentSigningText,
  FROM_BROKER,
  helloSigningText,
  type KeyAlgorithm,
  type LeaseTerms,
  type Message,
  type MessageType,
  PROTOCOL,
  type TaskResult,
  type WireBody,
} from '#protocol';
import { FUEL_PER_PRICE_UNIT, type SlotClass, TASK_BASE_FUEL } from '#units';
import { call } from './api.js';
import type { TestBroker, TestPerson } from './broker.js';

const PATIENCE_MS = 30_000;
/** A scripted node keeps below the frames a second that the protocol allows. */
const PACE_MS = 25;
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export interface WireTask {
  lease: LeaseTerms;
  index: number;
  epoch: number;
  /** Null where it is named by its hash. */
  input: Buffer | null;
}
/** What a node answers to a task; null is silence. */
export type Script = (task: WireTask, session: FakeSession) => TaskResult | null | Promise<TaskResult | null>;

/** What a node says when it is to reveal. */
export type Reveals = (result: TaskResult) => TaskResult | null;

export interface ConnectOptions {
  script?: Script;
  /** What the node believes it connected to; it signs that. */
  host?: string;
  /** Instead of the right one. */
  signature?: string;
  /** Instead of that of its key. */
  algorithm?: KeyAlgorithm;
  version?: string;
  headers?: Record<string, string>;
  agent_version?: string;
  /** Takes this session up again. */
  resume?: FakeSession;
  /** Confirms no cancel. */
  deaf?: boolean;
  /** False for an agent of the time before commitments. */
  commits?: boolean;
  /** What it reveals of what it had committed to; null is nothing. Without it: just that. */
  reveals?: Reveals;
  /** Another door to the same heap. */
  url?: string;
}

export interface Closed {
  code: number;
  reason: string;
}

const algorithmOf = (key: KeyObject): KeyAlgorithm => (key.asymmetricKeyType === 'ed25519' ? 'ed25519' : 'p256');

const newKey = (algorithm: KeyAlgorithm): KeyObject =>
  algorithm === 'ed25519' ? generateKeyPairSync('ed25519').privateKey : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** As WebCrypto exports it: 32 bytes, or the uncompressed point. */
function rawKey(key: KeyObject): string {
  const { x = '', y } = createPublicKey(key).export({ format: 'jwk' });
  const parts = [x, ...(y === undefined ? [] : [y])].map((part) => Buffer.from(part, 'base64url'));
  return Buffer.concat(y === undefined ? parts : [Buffer.from([4]), ...parts]).toString('base64');
}

/** As WebCrypto signs. */
const signed = (text: string, key: KeyObject): string =>
  (algorithmOf(key) === 'ed25519'
    ? sign(null, Buffer.from(text), key)
    : sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  ).toString('base64');

export interface Papers {
  url: string;
  node_id: string;
  /** PKCS #8, PEM. */
  key: string;
}

interface EnrolOptions {
  partner?: string;
  same?: FakeNode;
  algorithm?: KeyAlgorithm;
  name?: string;
  kind?: string;
  /** One that was made already. */
  code?: string;
}

/** A device that speaks the protocol truly, or as falsely as a test wants it. */
export class FakeNode {
  private constructor(
    private readonly url: string,
    readonly node_id: string,
    private readonly key: KeyObject,
  ) {}

  /** `same` is a device that is enrolled already, perhaps by somebody else. */
  static async enrol(
    broker: TestBroker,
    owner: TestPerson,
    { same, algorithm = 'ed25519', name = 'fake', kind = 'server', code: given, ...more }: EnrolOptions = {},
  ): Promise<FakeNode> {
    const code: string = given ?? (await owner.call('POST', '/v1/enrolment-codes', more)).body.code;
    const privateKey = same?.key ?? newKey(algorithm);
    const public_key = rawKey(privateKey);
    const signature = signed(enrolmentSigningText(code, public_key), privateKey);
    const body = { enrolment_code: code, key_algorithm: algorithm, public_key, signature, name, kind };
    const answer = await call(broker.url, 'POST', '/v1/nodes', { body });
    if (answer.status !== 201) throw new Error(`enrolment answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return new FakeNode(broker.url, answer.body.node_id, privateKey);
  }

  /** For another process to be this node: see `from`. */
  get papers(): Papers {
    return { url: this.url, node_id: this.node_id, key: this.key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  static from({ url, node_id, key }: Papers): FakeNode {
    return new FakeNode(url, node_id, createPrivateKey(key));
  }

  /** Opens the socket and no more: what comes first is for the test to say. */
  open(options: ConnectOptions = {}): FakeSession {
    const url = options.url ?? this.url;
    return new FakeSession(new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, { headers: options.headers ?? {} }), options.script, {
      earlier: options.resume,
      deaf: options.deaf,
      reveals: options.reveals,
      node_id: this.node_id,
    });
  }

  hello(challenge: Body<'challenge'>, options: ConnectOptions = {}): WireBody<'hello'> {
    const { node_id } = this;
    const { host = new URL(options.url ?? this.url).host, version = PROTOCOL, agent_version = '0.1.0' } = options;
    const { welcome, channel } = options.resume ?? {};
    const resume = welcome && channel ? { sid: welcome.sid, h: channel.highest_received } : undefined;
    const text = helloSigningText({ nonce: challenge.nonce, host, node_id, version, resume });
    const signature = options.signature ?? signed(text, this.key);
    const algorithm = options.algorithm ?? algorithmOf(this.key);
    const speaks = options.commits !== false && challenge.versions.includes(COMMITS) ? [COMMITS] : undefined;
    return { node_id, version, agent_version, algorithm, signature, ...(resume ? { resume } : {}), ...(speaks && { speaks }) };
  }

  /** Challenge and hello; resolves when welcome, reconcile of an empty state and the rest can go on. */
  async connect(options: ConnectOptions = {}): Promise<FakeSession> {
    const session = this.open(options);
    session.send('hello', this.hello(await session.next('challenge'), options));
    session.welcome = await session.next('welcome');
    if (session.welcome.resumed) session.goOn(session.welcome.h);
    return session;
  }

  /** Connected, stated nothing, and offering slots. */
  async online(
    options: ConnectOptions & { slots?: number; slot_class?: SlotClass; price_micro?: bigint | null } = {},
  ): Promise<FakeSession> {
    const session = await this.connect(options);
    session.send('state', { leases: [] });
    await session.next('reconcile');
    session.offer(options.slots ?? 1, options.slot_class ?? 'micro', options.price_micro === undefined ? 50n : options.price_micro);
    return session;
  }
}

export class FakeSession {
  channel: Channel;
  readonly leases: Map<string, LeaseTerms>;
  readonly opened: Promise<void>;
  readonly closed: Promise<Closed>;
  welcome: Body<'welcome'> | undefined;
  private readonly received: Message[] = [];
  private readonly waiting = new Set<() => void>();
  private readonly outgoing: (['results', WireBody<'results'>] | ['commits', WireBody<'commits'>])[] = [];
  private readonly deaf: boolean;
  private readonly node_id: string;
  private readonly reveals: Reveals;
  /** Committed to and not revealed, by lease, index and epoch. */
  readonly hidden: Map<string, TaskResult>;

  constructor(
    readonly socket: WebSocket,
    private readonly script: Script | undefined,
    {
      earlier,
      deaf,
      node_id,
      reveals,
    }: { earlier: FakeSession | undefined; deaf: boolean | undefined; node_id: string; reveals: Reveals | undefined },
  ) {
    this.deaf = deaf ?? false;
    this.node_id = node_id;
    this.reveals = reveals ?? ((result) => result);
    this.hidden = earlier?.hidden ?? new Map();
    this.channel = earlier?.channel ?? new Channel();
    this.leases = earlier?.leases ?? new Map();
    this.opened = new Promise((resolve) => socket.once('open', () => resolve()));
    this.closed = new Promise((resolve) =>
      socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        for (const wake of this.waiting) wake();
      }),
    );
    socket.on('error', () => {});
    socket.on('message', (data: Buffer) => this.take(data.toString()));
  }

  private take(text: string): void {
    for (const message of decodeFrame(text, FROM_BROKER)) {
      if (message.t === 'welcome' && !message.b.resumed) this.channel = new Channel();
      if (this.channel.receive(message) === 'duplicate') continue;
      this.received.push(message);
      if (message.t === 'lease') this.leases.set(message.b.terms.lease_id, message.b.terms);
      if (message.t === 'cancel' && !this.deaf) this.send('cancelled', message.b);
      if (message.t === 'reveal') this.reveal(message.b);
      if (message.t === 'tasks' && this.script) void this.work(message.b, this.script);
    }
    for (const wake of this.waiting) wake();
  }

  private async work({ lease_id, epoch, tasks }: Body<'tasks'>, script: Script): Promise<void> {
    const answers = await Promise.all(this.tasksOf({ lease_id, epoch, tasks }).map((task) => script(task, this)));
    const results = answers.filter((answer) => answer !== null);
    if (results.length === 0) return;
    const lease = this.leases.get(lease_id);
    if (lease?.commit) this.later(['commits', this.commitTo(lease, epoch, results)]);
    else this.later(['results', { lease_id, epoch, results }]);
  }

  /** What it says of these results before it says them. */
  commitTo({ lease_id, job_id }: LeaseTerms, epoch: number, results: readonly TaskResult[]): WireBody<'commits'> {
    const commits = results.map((result) => {
      const sealed = { nonce: randomBytes(16).toString('hex'), ...result };
      this.hidden.set(`${lease_id} ${result.index} ${result.epoch}`, sealed);
      const commitment = sha256(commitmentText({ ...sealed, job_id, node_id: this.node_id }));
      return { index: result.index, epoch: result.epoch, commitment };
    });
    return { lease_id, epoch, commits };
  }

  private reveal({ lease_id, epoch, tasks }: Body<'reveal'>): void {
    const results = tasks.flatMap(([index, task_epoch]) => {
      const hidden = this.hidden.get(`${lease_id} ${index} ${task_epoch}`);
      return (hidden && this.reveals(hidden)) ?? [];
    });
    if (results.length > 0) this.later(['results', { lease_id, epoch, results }]);
  }

  private later(report: FakeSession['outgoing'][number]): void {
    this.outgoing.push(report);
    if (this.outgoing.length === 1) setTimeout(() => this.flush(), PACE_MS);
  }

  private flush(): void {
    const reports = this.outgoing.splice(0);
    if (this.socket.readyState === WebSocket.OPEN) this.together(...(reports as never[]));
  }

  tasksOf({ lease_id, tasks }: Body<'tasks'>): WireTask[] {
    const lease = this.leases.get(lease_id);
    if (!lease) throw new Error(`tasks of a lease that never came: ${lease_id}`);
    return tasks.map(({ index, epoch, input }) => ({
      lease,
      index,
      epoch,
      input: 'inline' in input ? Buffer.from(input.inline, 'base64') : null,
    }));
  }

  /** The next message of a type that no one has taken yet. */
  async next<T extends MessageType>(t: T): Promise<Body<T>> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const at = this.received.findIndex((message) => message.t === t);
      if (at >= 0) return this.received.splice(at, 1)[0]?.b as Body<T>;
      const left_ms = deadline - performance.now();
      const state = `${this.received.map((message) => message.t).join(', ') || 'nothing'} is there`;
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`closed before "${t}" came; ${state}`);
      if (left_ms <= 0) throw new Error(`no "${t}" within ${PATIENCE_MS} ms; ${state}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left_ms);
        const waiting = this.waiting;
        function done() {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        }
        waiting.add(done);
      });
    }
  }

  /** How many messages of a type have come that no one has taken yet. */
  count(t: MessageType): number {
    return this.received.filter((message) => message.t === t).length;
  }

  /** Says that it is there, as often as it was asked to, until it closes. */
  keepAlive(): void {
    if (!this.welcome) throw new Error('it was not welcomed yet');
    const timer = setInterval(() => this.send('hb', { running: this.leases.size }), this.welcome.heartbeat_ms);
    void this.closed.then(() => clearInterval(timer));
  }

  send<T extends MessageType>(t: T, b: WireBody<T>): void {
    this.raw(this.text(t, b));
  }

  /** Several messages in one frame. */
  together(...messages: { [T in MessageType]: [T, WireBody<T>] }[MessageType][]): void {
    this.raw(`[${messages.map(([t, b]) => this.text(t, b as never)).join(',')}]`);
  }

  private text<T extends MessageType>(t: T, b: WireBody<T>): string {
    const message = this.channel.envelope(t, b);
    const text = JSON.stringify(message);
    if (message.s !== undefined) this.channel.keep(message.s, text, text.length);
    // A scripted node minds no window.
    if (message.s !== undefined) this.channel.next();
    return text;
  }

  /** Says again what the heap has not had. */
  goOn(h: number): void {
    this.channel.resume(h, 0);
    for (let text = this.channel.next(); text !== undefined; text = this.channel.next()) this.raw(text);
  }

  raw(frame: string | Buffer): void {
    this.socket.send(frame);
  }

  offer(count: number, slot_class: SlotClass = 'micro', price_micro: bigint | null = 50n): void {
    const slots = [{ slot_class, count, reserve_price_micro: price_micro === null ? null : String(price_micro) }];
    this.send('offer', { slots, speed_fuel_per_ms: 100_000, available: true, reason: { code: 'idle', sentence: 'Free.' } });
  }

  /** Offers to keep slots for services and bytes, and no work. */
  keep(parts: Partial<Pick<WireBody<'offer'>, 'standing' | 'storage' | 'available'>>): void {
    const reason = { code: 'idle', sentence: 'Free.' };
    this.send('offer', { slots: [], speed_fuel_per_ms: 100_000, available: true, reason, ...parts });
  }

  results(task: WireTask, ...results: TaskResult[]): void {
    this.send('results', { lease_id: task.lease.lease_id, epoch: task.lease.epoch, results });
  }

  /** The tasks of the next delivery. */
  async tasks(): Promise<WireTask[]> {
    return this.tasksOf(await this.next('tasks'));
  }

  /** Goes away without a word, as a device does whose battery is pulled. */
  async vanish(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }
}

/** With the base fuel of every task just what a price is for: such a task costs exactly its lease's price. */
export const ONE_PRICE_OF_FUEL = Number(FUEL_PER_PRICE_UNIT - TASK_BASE_FUEL);

/** A right result of a task, or wrong in what `more` says. */
export function resultOf(task: Pick<WireTask, 'index' | 'epoch'>, output: Uint8Array | string, more: Partial<TaskResult> = {}): TaskResult {
  const bytes = Buffer.from(output as Uint8Array);
  return {
    index: task.index,
    epoch: task.epoch,
    verdict: 'ok',
    detail: null,
    exit_code: 0,
    fuel_used: ONE_PRICE_OF_FUEL,
    output: { inline: bytes.toString('base64') },
    output_hash: sha256(bytes),
    logs: '',
    wall_ms: 1,
    memory_peak_bytes: 65_536,
    ...more,
  };
}
