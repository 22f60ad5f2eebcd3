import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type Body,
  Channel,
  CLOSE,
  decodeFrame,
  enrolmentSigningText,
  FROM_NODE,
  helloSigningText,
  type LeaseTerms,
  leaseSigningText,
  type Message,
  type MessageType,
  PROTOCOL,
  type WireBody,
} from '#protocol';
import type { ModuleSource, RunTask, SandboxSlot } from '#sandbox';
import { heapVerifier } from './device-key.js';
import { untilOnDisk } from './journal/testing/on-disk.js';
import { type AgentOptions, type RunningAgent, startAgent } from './start-agent.js';

const NODE_ID = '00000000-0000-7000-8000-000000000001';
const LEASE_ID = '00000000-0000-7000-8000-000000000003';
const CODE = 'a-code-of-enough-characters';
const MODULE = Buffer.from('the module');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Capitals for letters, and a second copy of the input for `big`. */
class CapitalsSlot implements Pick<SandboxSlot, 'load' | 'runBatch' | 'close'> {
  load = async (module: ModuleSource) => {
    const module_hash = sha256(module.bytes);
    return { module_hash, metered_hash: module_hash, meter_id: 'test', kind: module.kind, bytes: module.bytes.length, imports: [] };
  };
  runBatch: SandboxSlot['runBatch'] = async (_module, tasks: readonly RunTask[], _limits, onOutcome) => {
    for (const [i, task] of tasks.entries()) {
      await null;
      const text = Buffer.from(task.input).toString();
      const output = text === 'big' ? Buffer.alloc(100_000, 1) : Buffer.from(text.toUpperCase());
      const rest = { detail: null, exit_code: 0, fuel_used: 1n, logs: '', memory_peak_bytes: 0, wall_ms: 0 };
      onOutcome(i, { verdict: 'ok', output, output_hash: sha256(output), ...rest });
    }
  };
  close = async () => {};
}

/** The least heap that an agent can talk to, over real HTTP, a real socket and real signatures. */
class TinyHeap {
  private readonly keys = generateKeyPairSync('ed25519');
  private readonly server: Server;
  private readonly sockets = new WebSocketServer({ noServer: true });
  private readonly waiters: (() => void)[] = [];
  readonly blobs = new Map<string, Buffer>([[sha256(MODULE), MODULE]]);
  readonly messages: Message[] = [];
  public_key = '';
  channel = new Channel();
  socket: WebSocket | null = null;

  constructor() {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const [status, body] = this.answer(request.method ?? '', request.url ?? '', request.headers.authorization, Buffer.concat(parts));
        response.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json' }).end(body);
      });
    });
    this.server.on('upgrade', (request, raw, head) =>
      this.sockets.handleUpgrade(request, raw, head, (socket) => this.greet(socket, request.headers.host ?? '')),
    );
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close() {
    this.socket?.terminate();
    this.server.closeAllConnections();
    this.server.close();
  }

  private answer(method: string, url: string, authorization: string | undefined, body: Buffer): [number, string | Buffer] {
    if (url === '/v1/nodes') {
      const request = JSON.parse(body.toString()) as { enrolment_code: string; public_key: string; signature: string };
      if (request.enrolment_code !== CODE) {
        const detail = 'The code is unknown, used or too old: get a new one.';
        const rest = { type: 'about:blank', title: 'Refused', status: 403, fault: 'owner', request_id: 'r' };
        return [403, JSON.stringify({ ...rest, detail, code: 'enrolment_code_refused' })];
      }
      const text = enrolmentSigningText(CODE, request.public_key);
      expect(heapVerifier(request.public_key)(text, request.signature)).toBe(true);
      this.public_key = request.public_key;
      const heap_public_key = Buffer.from(this.keys.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
      return [201, JSON.stringify({ node_id: NODE_ID, heap_public_key, socket_path: '/v1/socket' })];
    }
    expect(authorization).toBe('Bearer the-token');
    const hash = url.slice('/v1/blobs/'.length);
    if (method === 'PUT') this.blobs.set(hash, body);
    return [method === 'PUT' ? 204 : 200, this.blobs.get(hash) ?? ''];
  }

  private greet(socket: WebSocket, host: string) {
    this.socket = socket;
    this.channel = new Channel();
    socket.on('message', (data) => {
      for (const message of decodeFrame(String(data), FROM_NODE)) {
        this.channel.receive(message);
        this.messages.push(message);
        if (message.t === 'hello') this.welcome(message.b, host);
      }
      for (const wake of this.waiters.splice(0)) wake();
    });
    this.send('challenge', { nonce: 'n'.repeat(22), server_id: 's', versions: [PROTOCOL] });
  }

  private welcome(hello: Body<'hello'>, host: string) {
    const text = helloSigningText({ nonce: 'n'.repeat(22), host, node_id: NODE_ID, version: PROTOCOL, resume: hello.resume });
    expect(heapVerifier(this.public_key)(text, hello.signature)).toBe(true);
    const limits = { frame_bytes: 65_536, inline_bytes: 32_768, window_messages: 64, window_bytes: 1_048_576 };
    const rest = { resumed: false, h: 0, session_epoch: 1, heartbeat_ms: 30_000, min_agent_version: '0', token: 'the-token', limits };
    this.send('welcome', { sid: NODE_ID, ...rest });
  }

  send<T extends MessageType>(type: T, body: WireBody<T>) {
    this.socket?.send(JSON.stringify(this.channel.envelope(type, body)));
  }

  grant() {
    const hash = sha256(MODULE);
    const terms: LeaseTerms = {
      lease_id: LEASE_ID,
      epoch: 1,
      node_id: NODE_ID,
      job_id: NODE_ID,
      slot_class: 'micro',
      price_micro: '1',
      term_ms: 60_000,
      module: { hash, metered_hash: hash, meter_id: 'test', kind: 'wasm', codec: 'bytes', bytes: MODULE.length },
      limits: {
        fuel: 10,
        stack_bytes: 65_536,
        memory_bytes: 65_536,
        output_bytes: 200_000,
        log_bytes: 100,
        wall_ms: 100,
        files: 0,
        file_bytes: 0,
        host_calls: 1_000_000,
      },
      view: { args: [], env: {}, files: [], scratch: null, seed: null, clock_ms: null },
    };
    const signature = sign(null, Buffer.from(leaseSigningText(terms)), this.keys.privateKey).toString('base64');
    this.send('lease', { terms, signature });
  }

  tasks(...programs: string[]) {
    const tasks = programs.map((program, index) => ({ index, epoch: 1, input: { inline: Buffer.from(program).toString('base64') } }));
    this.send('tasks', { lease_id: LEASE_ID, epoch: 1, tasks });
  }

  /** Confirms all results that came. */
  accept() {
    const accepted = this.results().map(({ index, epoch }): [number, number] => [index, epoch]);
    this.send('results.ack', { lease_id: LEASE_ID, accepted, duplicate: [], stale: [], rejected: [] });
  }

  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found) return found;
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  of<T extends MessageType>(type: T): Body<T>[] {
    return this.messages.filter((message) => message.t === type).map((message) => message.b as Body<T>);
  }

  results = () => this.of('results').flatMap((body) => body.results);
}

let dir = '';
let heap: TinyHeap;
let url = '';
const agents: RunningAgent[] = [];
beforeEach(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'agent '));
  heap = new TinyHeap();
  url = await heap.listen();
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.stop()));
  heap.close();
  fs.rmSync(dir, { recursive: true });
});

async function start(over: Partial<AgentOptions> = {}): Promise<RunningAgent> {
  const agent = await startAgent({
    dir,
    url,
    enrolment_code: CODE,
    name: 'test',
    kind: 'server',
    slots: 1,
    slot_class: 'micro',
    reserve_price_micro: 5n,
    logger: pino({ level: 'silent' }),
    speed_fuel_per_ms: 1_000,
    openSlot: async () => new CapitalsSlot() as unknown as SandboxSlot,
    bounds: { reconnect_base_ms: 10 },
    ...over,
  });
  agents.push(agent);
  return agent;
}

test('enrols, connects, fetches the module, works and delivers', async () => {
  const agent = await start();
  const offer = await heap.until(() => heap.of('offer')[0]);
  expect(offer).toMatchObject({ available: true, slots: [{ slot_class: 'micro', count: 1, reserve_price_micro: 5n }] });
  heap.grant();
  heap.tasks('one', 'two', 'big');
  await heap.until(() => heap.results().length === 3);
  const [one, two, big] = heap.results();
  expect([one?.output, two?.output]).toEqual([{ inline: 'T05F' }, { inline: 'VFdP' }]);
  expect(big?.output).toEqual({ hash: big?.output_hash, bytes: 100_000 });
  expect(heap.blobs.get(big?.output_hash ?? '')).toHaveLength(100_000);
  expect(agent.status()).toMatchObject({ tasks_done: 3, unconfirmed: 3 });
  heap.accept();
});

test('leaves with what is finished delivered, a goodbye and an unlocked directory', async () => {
  const agent = await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.grant();
  heap.tasks('one');
  await heap.until(() => heap.results().length === 1);
  // Far more than it may take: what is delivered is waited for no longer.
  const stopped = agent.stop(600_000);
  await heap.until(() => heap.of('yield')[0]);
  heap.accept();
  await stopped;
  await heap.until(() => heap.of('bye')[0]);
  expect(await agent.ended).toMatchObject({ state: 'stopped', code: 'stopped' });
  expect(fs.existsSync(path.join(dir, 'agent.lock'))).toBe(false);
});

test('an agent that starts after a crash delivers what its predecessor had finished', async () => {
  const agent = await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.grant();
  heap.tasks('one', 'big');
  await heap.until(() => heap.results().length === 2);
  await untilOnDisk(dir, (found) => found.length === 2);
  // What a kill leaves behind: the directory as it is now, without the lock of a living process.
  const left = fs.mkdtempSync(path.join(os.tmpdir(), 'agent crashed '));
  fs.cpSync(dir, left, { recursive: true });
  fs.rmSync(path.join(left, 'agent.lock'));
  heap.accept();
  await agent.stop();
  heap.messages.length = 0;
  heap.blobs.clear();
  await start({ dir: left, enrolment_code: null, url: null });
  const state = await heap.until(() => heap.of('state')[0]);
  expect(state.leases).toMatchObject([
    {
      lease_id: LEASE_ID,
      tasks: [
        { index: 0, phase: 'finished' },
        { index: 1, phase: 'finished' },
      ],
    },
  ]);
  heap.send('reconcile', { leases: [{ lease_id: LEASE_ID, epoch: 1, action: 'upload', reason: 'lease_over' }] });
  await heap.until(() => heap.results().length === 2);
  expect(heap.blobs.size).toBe(1);
  heap.accept();
  await agents.pop()?.stop();
  fs.rmSync(left, { recursive: true });
});

test('says in its log what stands between a task and the device', async () => {
  const lines: string[] = [];
  await start({ openSlot: undefined as never, logger: pino({ base: null }, { write: (line) => void lines.push(line) }) });
  const told = lines.map((line) => JSON.parse(line) as { isolation?: string[]; msg: string }).find((line) => line.isolation);
  expect(told?.isolation).toEqual(expect.arrayContaining(['permission-model']));
  expect(told?.msg).toContain('Node.js lets these processes read nothing but their own program');
});

test('comes back when the connection breaks', async () => {
  await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.messages.length = 0;
  heap.socket?.terminate();
  await heap.until(() => heap.of('offer')[0]);
});

test('ends when the device is taken out of the heap, and says so', async () => {
  const agent = await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.socket?.close(CLOSE.revoked, 'Its owner took it out.');
  expect(await agent.ended).toMatchObject({ code: 'revoked', sentence: expect.stringContaining('Its owner took it out.') });
});

test('a second agent on the same directory is told about the first', async () => {
  await start();
  await expect(start()).rejects.toThrow(/already uses/);
});

test('what keeps an agent from starting is said, and the directory stays free', async () => {
  await expect(start({ enrolment_code: null })).rejects.toThrow(/belongs to no heap yet/);
  await expect(start({ enrolment_code: 'a-wrong-code-of-16' })).rejects.toThrow('The code is unknown, used or too old: get a new one.');
  await expect(start({ url: 'http://127.0.0.1:9' })).rejects.toThrow(/did not answer/);
  await start();
  await heap.until(() => heap.of('offer')[0]);
});

test('a binary frame ends the connection, not the agent', async () => {
  await start();
  await heap.until(() => heap.of('offer')[0]);
  heap.messages.length = 0;
  heap.socket?.send(Buffer.from([1, 2, 3]));
  await heap.until(() => heap.of('offer')[0]);
});
