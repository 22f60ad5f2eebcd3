import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type Body,
  Channel,
  decodeFrame,
  enrolmentSigningText,
  FROM_NODE,
  helloSigningText,
  type LeaseTerms,
  leaseSigningText,
  type Message,
  type MessageType,
  PIECES,
  PROTOCOL,
  type WireBody,
} from '#protocol';
import { heapVerifier } from '../../apps/agent/src/device-key.js';

const NODE_ID = '00000000-0000-7000-8000-000000000001';
export const LEASE_ID = '00000000-0000-7000-8000-000000000003';
const PIECE_PATH = '/v1/pieces/';
export const CODE = 'a-code-of-enough-characters';
export const MODULE = Buffer.from('the module');
export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** The least heap that an agent can talk to, over real HTTP, a real socket and real signatures. */
export class TinyHeap {
  private readonly keys = generateKeyPairSync('ed25519');
  private readonly server: Server;
  private readonly sockets = new WebSocketServer({ noServer: true });
  private readonly waiters: (() => void)[] = [];
  readonly blobs = new Map<string, Buffer>([[sha256(MODULE), MODULE]]);
  /** Bodies of transfers: for the node to fetch, and what it brought. */
  readonly pieces = new Map<string, Buffer>();
  readonly brought = new Map<string, Buffer>();
  /** So many of the next transfers break in the middle. */
  breaking = 0;
  readonly messages: Message[] = [];
  public_key = '';
  channel = new Channel();
  socket: WebSocket | null = null;

  constructor() {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (this.breaking > 0 && request.url?.startsWith(PIECE_PATH)) return this.breakOff(response, request.url);
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
      must(heapVerifier(request.public_key)(text, request.signature), 'the enrolment is not signed by its key');
      this.public_key = request.public_key;
      const heap_public_key = Buffer.from(this.keys.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
      return [201, JSON.stringify({ node_id: NODE_ID, heap_public_key, socket_path: '/v1/socket' })];
    }
    must(authorization === 'Bearer the-token', 'no token');
    if (url.startsWith(PIECE_PATH)) return this.transfer(method, url.slice(PIECE_PATH.length), body);
    const hash = url.slice('/v1/blobs/'.length);
    if (method === 'PUT') this.blobs.set(hash, body);
    return [method === 'PUT' ? 204 : 200, this.blobs.get(hash) ?? ''];
  }

  private transfer(method: string, transfer_id: string, body: Buffer): [number, string | Buffer] {
    const piece = this.pieces.get(transfer_id);
    if (method === 'PUT') this.brought.set(transfer_id, body);
    for (const wake of this.waiters.splice(0)) wake();
    if (method === 'PUT') return [204, ''];
    const detail = 'There is no such transfer.';
    const rest = { type: 'about:blank', title: 'Unknown', status: 404, fault: 'owner', request_id: 'r' };
    return piece ? [200, piece] : [404, JSON.stringify({ ...rest, detail, code: 'transfer_unknown' })];
  }

  private breakOff(response: ServerResponse, url: string) {
    this.breaking -= 1;
    const piece = this.pieces.get(url.slice(PIECE_PATH.length)) ?? Buffer.alloc(0);
    response.writeHead(200, { 'content-length': String(piece.length + 1) });
    response.write(piece.subarray(0, piece.length / 2), () => response.destroy());
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
    this.send('challenge', { nonce: 'n'.repeat(22), server_id: 's', versions: [PROTOCOL, PIECES] });
  }

  private welcome(hello: Body<'hello'>, host: string) {
    const text = helloSigningText({ nonce: 'n'.repeat(22), host, node_id: NODE_ID, version: PROTOCOL, resume: hello.resume });
    must(heapVerifier(this.public_key)(text, hello.signature), 'the hello is not signed by its key');
    const limits = { frame_bytes: 65_536, inline_bytes: 32_768, window_messages: 64, window_bytes: 1_048_576 };
    const rest = { resumed: false, h: 0, session_epoch: 1, heartbeat_ms: 30_000, min_agent_version: '0', token: 'the-token', limits };
    this.send('welcome', { sid: NODE_ID, ...rest });
  }

  send<T extends MessageType>(type: T, body: WireBody<T>) {
    this.socket?.send(JSON.stringify(this.channel.envelope(type, body)));
  }

  /** @param over of another module, whose hash on this device the caller knows. @param key instead of the heap's own. */
  grant(over: Partial<LeaseTerms> = {}, key: KeyObject = this.keys.privateKey) {
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
      ...over,
    };
    const signature = sign(null, Buffer.from(leaseSigningText(terms)), key).toString('base64');
    this.send('lease', { terms, signature });
  }

  tasks(...programs: string[]) {
    this.give(LEASE_ID, programs);
  }

  give(lease_id: string, inputs: readonly string[]) {
    const tasks = inputs.map((input, index) => ({ index, epoch: 1, input: { inline: Buffer.from(input).toString('base64') } }));
    this.send('tasks', { lease_id, epoch: 1, tasks });
  }

  /** Of one lease, all that came; then the lease is over. */
  end(lease_id: string) {
    const results = this.of('results').filter((body) => body.lease_id === lease_id);
    const accepted = results.flatMap((body) => body.results.map(({ index, epoch }): [number, number] => [index, epoch]));
    this.send('results.ack', { lease_id, accepted, duplicate: [], stale: [], rejected: [] });
    this.send('lease.end', { lease_id, epoch: 1, reason: { code: 'job_done', sentence: 'Its job is done.' } });
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
