import { type LeaseTerms, leaseSigningText, PROTOCOL, type WireBody } from '#protocol';
import { HeapError } from '#units';
import { Agent, type AgentConfig } from '../agent.js';
import type { BlobStore, KeptResult, Log, OutboxStore, Ports } from '../ports.js';
import { FakeBroker, type FakePeer } from './fake-broker.js';
import { bytes, METER, sha256 } from './fake-bytes.js';
import { FakeClock, settle } from './fake-clock.js';
import { FakePieces } from './fake-pieces.js';
import { FakeSlot } from './fake-slot.js';

export const NODE_ID = '00000000-0000-7000-8000-000000000001';
export const JOB_ID = '00000000-0000-7000-8000-000000000002';
export const leaseId = (n: number) => `00000000-0000-7000-8000-0000000001${String(n).padStart(2, '0')}`;

/** Not a signature, only different for different texts. */
const seal = (who: string, text: string) => {
  let hash = 7;
  for (const c of who + text) hash = (hash * 31 + c.charCodeAt(0)) >>> 0;
  return Buffer.from(`${who}${hash}`).toString('base64');
};
export const deviceSignature = (text: string) => seal('device', text);
export const heapSignature = (text: string) => seal('heap', text);

export class MemoryOutbox implements OutboxStore {
  readonly kept = new Map<string, KeptResult>();
  readonly outputs = new Map<string, Uint8Array>();

  async load() {
    return [...this.kept.values()];
  }
  append(kept: KeptResult, output?: Uint8Array) {
    this.kept.set(this.key(kept), kept);
    if (output && 'hash' in kept.result.output) this.outputs.set(kept.result.output.hash, output);
  }
  remove(kept: readonly KeptResult[]) {
    for (const one of kept) this.kept.delete(this.key(one));
  }
  async output(hash: string) {
    return this.outputs.get(hash) ?? null;
  }
  private key = (kept: KeptResult) => `${kept.lease_id} ${kept.result.index} ${kept.result.epoch}`;
}

export class MemoryBlobs implements BlobStore {
  readonly stored = new Map<string, Uint8Array>();
  /** Thrown by the next requests, one each. */
  readonly failures: HeapError[] = [];
  requests = 0;

  async get(hash: string): Promise<Uint8Array> {
    this.attempt();
    const found = this.stored.get(hash);
    if (!found) throw new HeapError('blob_missing', `The heap has no blob ${hash}.`, 'platform');
    return found;
  }
  async put(hash: string, body: Uint8Array): Promise<void> {
    this.attempt();
    this.stored.set(hash, body);
  }
  add(body: Uint8Array): string {
    const hash = sha256(body);
    this.stored.set(hash, body);
    return hash;
  }
  private attempt() {
    this.requests += 1;
    const failure = this.failures.shift();
    if (failure) throw failure;
  }
}

/** An agent with everything around it in memory, and the heap at the other end. */
export class FakeHost {
  readonly clock = new FakeClock();
  readonly broker = new FakeBroker();
  readonly blobs = new MemoryBlobs();
  readonly slots: FakeSlot[] = [];
  readonly said: { level: string; sentence: string }[] = [];
  random = 0.5;
  slotFails = false;
  /** What the heap says it speaks. */
  versions: string[] = [PROTOCOL];
  /** What slots wait for before they have read a module. */
  slotLoads: Promise<void> | null = null;

  constructor(
    readonly outbox: MemoryOutbox = new MemoryOutbox(),
    /** None unless given. */
    readonly pieces: FakePieces | null = null,
  ) {}

  private log = (): Log => {
    const at = (level: string) => (_: Record<string, unknown>, sentence: string) => void this.said.push({ level, sentence });
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  };

  ports(): Ports {
    return {
      openSocket: this.broker.openSocket,
      clock: this.clock,
      random: () => this.random,
      identity: { node_id: NODE_ID, sign: deviceSignature, verifyLease: (text, signature) => signature === heapSignature(text) },
      blobs: this.blobs,
      bytes,
      outbox: this.outbox,
      openSlot: async () => {
        if (this.slotFails) throw new HeapError('sandbox_failed', 'The sandbox does not start.', 'platform');
        const slot = new FakeSlot(this.slotLoads);
        this.slots.push(slot);
        return slot;
      },
      ...(this.pieces && { pieces: { store: this.pieces, http: this.pieces.http } }),
      log: this.log(),
    };
  }

  agent(over: Partial<AgentConfig> = {}): Agent {
    return new Agent(
      {
        url: 'ws://heap.test:8080/v1/socket',
        host: 'heap.test:8080',
        agent_version: '1.2.3',
        capacity: [{ slot_class: 'micro', count: 2, reserve_price_micro: null }],
        speed_fuel_per_ms: 1_000,
        ...over,
      },
      this.ports(),
    );
  }

  /** Greets the agent at the newest socket. */
  async greet(over: Partial<WireBody<'welcome'>> = {}): Promise<FakePeer> {
    const { peer } = this.broker;
    peer.challenge(this.versions);
    await settle();
    peer.welcome(over);
    await settle();
    return peer;
  }

  async online(over: Partial<AgentConfig> = {}): Promise<{ agent: Agent; peer: FakePeer }> {
    const agent = this.agent(over);
    await agent.start();
    return { agent, peer: await this.greet() };
  }

  terms(over: Partial<LeaseTerms> = {}): LeaseTerms {
    const hash = this.blobs.add(Buffer.from('module'));
    return {
      lease_id: leaseId(1),
      epoch: 1,
      node_id: NODE_ID,
      job_id: JOB_ID,
      slot_class: 'micro',
      price_micro: '1000',
      term_ms: 600_000,
      module: { hash, metered_hash: METER.hash(hash), meter_id: METER.id, kind: 'wasm', codec: 'bytes', bytes: 6 },
      limits: {
        fuel: 1_000_000,
        stack_bytes: 262_144,
        memory_bytes: 1_048_576,
        output_bytes: 1_048_576,
        log_bytes: 4_096,
        wall_ms: 1_000,
        files: 0,
        file_bytes: 0,
        host_calls: 1_000_000,
      },
      view: { args: [], env: {}, files: [], scratch: null, seed: null, clock_ms: null },
      ...over,
    };
  }

  async grant(peer: FakePeer, over: Partial<LeaseTerms> = {}): Promise<LeaseTerms> {
    const terms = this.terms(over);
    peer.send('lease', { terms, signature: heapSignature(leaseSigningText(terms)) });
    await settle();
    return terms;
  }
}

export const inline = (program: string) => ({ inline: Buffer.from(program).toString('base64') });

export const tasksOf = (programs: readonly string[], { lease = 1, epoch = 1, first = 0 } = {}): WireBody<'tasks'> => ({
  lease_id: leaseId(lease),
  epoch,
  tasks: programs.map((program, i) => ({ index: first + i, epoch: 1, input: inline(program) })),
});

export const acceptAll = (peer: FakePeer, lease = 1) =>
  peer.send('results.ack', {
    lease_id: leaseId(lease),
    accepted: peer
      .all('results')
      .filter((body) => body.lease_id === leaseId(lease))
      .flatMap((body) => body.results.map(({ index, epoch }): [number, number] => [index, epoch])),
    duplicate: [],
    stale: [],
    rejected: [],
  });
