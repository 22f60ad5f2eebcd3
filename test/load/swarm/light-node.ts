import { createHash, type KeyObject, sign } from 'node:crypto';
import { WebSocket } from 'ws';
import {
  Channel,
  helloSigningText,
  leaseSigningText,
  type MessageType,
  PROTOCOL,
  SOCKET_LIMITS,
  type WireBody,
  type WireMessage,
} from '#protocol';
import { heapVerifier } from '../../../apps/agent/src/device-key.js';
import { Pacer } from '../../../libs/agent-core/src/pacer.js';

export interface SwarmHeap {
  url: string;
  host: string;
  heap_public_key: string;
}

export interface NodeEvents {
  online(node: LightNode, resumed: boolean): void;
  offline(node: LightNode, code: number): void;
}

const NOTHING_HASH = createHash('sha256').digest('hex');
const FLUSH_MS = 2;

type AnyMessage = { [T in MessageType]: WireMessage<T> }[MessageType];
type Result = WireBody<'results'>['results'][number];

/**
 * A device without a sandbox: signs in, numbers and confirms, takes leases after checking their signature, answers every task
 * as a program that does nothing would, keeps results until the heap has them, and takes its session up again. As little of a process as that can be.
 */
export class LightNode {
  private channel = new Channel();
  private sid: string | null = null;
  private socket: WebSocket | null = null;
  private online = false;
  private heartbeat: NodeJS.Timeout | undefined;
  private heartbeat_ms: number = SOCKET_LIMITS.heartbeat_ms;
  private flushing = false;
  private acking: NodeJS.Timeout | undefined;
  private pacer = this.freshPacer();
  private readonly leases = new Map<string, number>();
  /** When the task that came last will be done, by lease. */
  private readonly free_ms = new Map<string, number>();
  /** Answered and not on the wire, by lease. */
  private readonly answers = new Map<string, Result[]>();
  /** On the wire, and not confirmed. */
  unconfirmed = 0;
  tasks_done = 0;

  constructor(
    private readonly heap: SwarmHeap,
    readonly node_id: string,
    private readonly key: KeyObject,
    private readonly verify: ReturnType<typeof heapVerifier>,
    private readonly slots: number,
    private readonly events: NodeEvents,
    /** So long it takes for each task, one after the other on a lease. */
    private readonly task_ms = 0,
    private readonly fuel_used = 1,
  ) {}

  private freshPacer(): Pacer {
    return new Pacer(() => performance.now(), SOCKET_LIMITS.rate_per_s * 0.9, SOCKET_LIMITS.rate_burst * 0.75);
  }

  connect(): void {
    const socket = new WebSocket(`${this.heap.url.replace('http', 'ws')}/v1/socket`, {
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    this.socket = socket;
    this.pacer = this.freshPacer();
    socket.on('message', (data: Buffer) => {
      const parsed = JSON.parse(data.toString()) as AnyMessage | AnyMessage[];
      for (const message of Array.isArray(parsed) ? parsed : [parsed]) this.take(message);
      this.pump();
      this.confirm();
    });
    socket.on('error', () => {});
    socket.on('close', (code) => {
      if (this.socket !== socket) return;
      this.socket = null;
      this.online = false;
      clearTimeout(this.heartbeat);
      clearTimeout(this.acking);
      this.acking = undefined;
      this.events.offline(this, code);
    });
  }

  /** The connection breaks without a word. */
  cut(): void {
    this.socket?.terminate();
  }

  leave(): void {
    if (this.online) this.send('bye', { code: 'swarm_over' });
    this.socket?.close(1000);
  }

  offer(available: boolean): void {
    const slots = [{ slot_class: 'micro' as const, count: this.slots, reserve_price_micro: '1' }];
    const reason = available ? { code: 'ready', sentence: 'Ready.' } : { code: 'held_by_owner', sentence: 'Held.' };
    this.send('offer', { slots, speed_fuel_per_ms: 100_000, available, reason });
  }

  beat(): void {
    if (this.online) this.send('hb', { running: this.leases.size });
  }

  private send<T extends MessageType>(t: T, b: WireBody<T>): void {
    const message = this.channel.envelope(t, b);
    const text = JSON.stringify(message);
    if (message.s === undefined) return this.write(text);
    this.channel.keep(message.s, text, text.length);
    this.pump();
  }

  private write(text: string): void {
    this.pacer.take();
    this.socket?.send(text);
  }

  private pump(): void {
    if (!this.online) return;
    for (let text = this.channel.next(); text !== undefined; text = this.channel.next()) this.write(text);
  }

  private confirm(): void {
    if (!this.online || this.channel.owed_acks === 0) return;
    if (this.channel.ackDue) return this.send('ack', {});
    this.acking ??= setTimeout(() => {
      this.acking = undefined;
      if (this.online && this.channel.owed_acks > 0) this.send('ack', {});
    }, SOCKET_LIMITS.ack_every_ms / 2);
  }

  private take(message: AnyMessage): void {
    if (message.t !== 'welcome') {
      const receipt = this.channel.receive(message);
      if (receipt === 'duplicate') return;
      if (receipt === 'gap') return this.cut();
    }
    switch (message.t) {
      case 'challenge':
        return this.greet(message.b.nonce);
      case 'welcome':
        return this.begin(message.b);
      case 'config':
        this.heartbeat_ms = message.b.heartbeat_ms ?? this.heartbeat_ms;
        return;
      case 'lease': {
        const { terms, signature } = message.b;
        if (this.verify(leaseSigningText(terms as never), signature)) this.leases.set(terms.lease_id, terms.epoch);
        else
          this.send('yield', {
            lease_id: terms.lease_id,
            epoch: terms.epoch,
            notice_ms: 0,
            reason: { code: 'lease_forged', sentence: 'Not the heap’s.' },
          });
        return;
      }
      case 'lease.end':
        this.leases.delete(message.b.lease_id);
        this.answers.delete(message.b.lease_id);
        this.free_ms.delete(message.b.lease_id);
        return;
      case 'tasks':
        return this.task_ms === 0 ? this.answer(message.b) : this.work(message.b);
      case 'cancel':
        this.answers.delete(message.b.lease_id);
        return this.send('cancelled', message.b);
      case 'results.ack':
        this.unconfirmed -= message.b.accepted.length + message.b.duplicate.length + message.b.stale.length + message.b.rejected.length;
        return;
    }
  }

  private greet(nonce: string): void {
    const resume = this.sid === null ? undefined : { sid: this.sid, h: this.channel.highest_received };
    const text = helloSigningText({ nonce, host: this.heap.host, node_id: this.node_id, version: PROTOCOL, resume });
    const signature = sign(null, Buffer.from(text), this.key).toString('base64');
    // Outside the session's numbers: which session it is, the welcome says.
    const hello: WireBody<'hello'> = {
      node_id: this.node_id,
      version: PROTOCOL,
      agent_version: '0.1.0',
      signature,
      ...(resume && { resume }),
    };
    this.write(JSON.stringify({ v: 1, t: 'hello', b: hello }));
  }

  private begin(welcome: WireBody<'welcome'>): void {
    this.online = true;
    this.heartbeat_ms = welcome.heartbeat_ms;
    this.beatAgain();
    if (welcome.resumed && this.channel.resume(welcome.h, performance.now())) this.pump();
    else {
      this.sid = welcome.sid;
      this.channel = new Channel();
      this.leases.clear();
      this.answers.clear();
      this.free_ms.clear();
      this.unconfirmed = 0;
      this.send('state', { leases: [] });
    }
    // As agents do, also after a resumption.
    this.offer(true);
    this.events.online(this, welcome.resumed);
  }

  private beatAgain(): void {
    clearTimeout(this.heartbeat);
    this.heartbeat = setTimeout(
      () => {
        this.beat();
        this.beatAgain();
      },
      this.heartbeat_ms * (0.9 + 0.2 * Math.random()),
    );
  }

  private work({ lease_id, epoch, tasks }: WireBody<'tasks'>): void {
    const now = performance.now();
    let at_ms = Math.max(now, this.free_ms.get(lease_id) ?? now);
    for (const task of tasks) {
      at_ms += this.task_ms;
      setTimeout(() => this.answer({ lease_id, epoch, tasks: [task] }), at_ms - now);
    }
    this.free_ms.set(lease_id, at_ms);
  }

  private answer({ lease_id, epoch, tasks }: WireBody<'tasks'>): void {
    if (this.leases.get(lease_id) !== epoch) return;
    const answers = this.answers.get(lease_id) ?? [];
    this.answers.set(lease_id, answers);
    for (const task of tasks)
      answers.push({
        ...{
          index: task.index,
          epoch: task.epoch,
          verdict: 'ok',
          detail: null,
          exit_code: 0,
          fuel_used: this.fuel_used,
          output: { inline: '' },
        },
        ...{ output_hash: NOTHING_HASH, logs: '', wall_ms: 0.01, memory_peak_bytes: 65_536 },
      });
    this.tasks_done += tasks.length;
    this.flushSoon(0);
  }

  private flushSoon(wait_ms: number): void {
    if (this.flushing) return;
    this.flushing = true;
    const flush = () => {
      this.flushing = false;
      this.flush();
    };
    if (wait_ms === 0) setImmediate(flush);
    else setTimeout(flush, wait_ms);
  }

  private flush(): void {
    for (const [lease_id, answers] of this.answers) {
      const epoch = this.leases.get(lease_id);
      while (answers.length > 0 && epoch !== undefined) {
        const wait_ms = this.channel.windowOpen ? this.pacer.wait_ms : FLUSH_MS;
        if (!this.online || wait_ms > 0) return this.online ? this.flushSoon(Math.max(wait_ms, FLUSH_MS)) : undefined;
        const results = answers.splice(0, 150);
        this.unconfirmed += results.length;
        this.send('results', { lease_id, epoch, results });
      }
    }
  }
}
