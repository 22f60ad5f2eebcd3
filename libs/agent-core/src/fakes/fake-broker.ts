import {
  type Body,
  Channel,
  decodeFrame,
  FROM_NODE,
  type Message,
  type MessageType,
  PROTOCOL,
  SOCKET_LIMITS,
  type WireBody,
} from '#protocol';
import type { OpenSocket, SocketEvents } from '../ports.js';

export const WELCOME: WireBody<'welcome'> = {
  sid: '00000000-0000-7000-8000-00000000000a',
  resumed: false,
  h: 0,
  session_epoch: 1,
  heartbeat_ms: 30_000,
  min_agent_version: '0.0.0',
  token: 'token-1',
  limits: { frame_bytes: 65_536, inline_bytes: 32_768, window_messages: 64, window_bytes: 1_048_576 },
};

/** The heap's end of one socket. Every frame of the agent is checked against the protocol as the real heap would. */
export class FakePeer {
  readonly received: Message[] = [];
  /** Set when the agent closed it. */
  closed: { code: number; reason: string } | null = null;
  /** Acknowledge as a heap does, or keep silent to fill the window. */
  acknowledges = true;
  frames = 0;
  readonly channel = new Channel();

  constructor(
    readonly url: string,
    private readonly events: SocketEvents,
  ) {}

  readonly socket = {
    send: (text: string) => this.take(text),
    close: (code: number, reason: string) => {
      this.closed ??= { code, reason };
    },
  };

  private take(text: string): void {
    if (this.closed) throw new Error('the agent sent on a socket it had closed');
    const bytes = Buffer.byteLength(text);
    if (bytes > SOCKET_LIMITS.frame_bytes) throw new Error(`the agent sent a frame of ${bytes} bytes`);
    this.frames += 1;
    for (const message of decodeFrame(text, FROM_NODE)) {
      const receipt = this.channel.receive(message);
      if (receipt === 'gap' || receipt === 'duplicate') throw new Error(`the agent's numbering has a ${receipt} at ${message.t}`);
      this.received.push(message);
    }
    if (this.acknowledges && this.channel.ackDue) queueMicrotask(() => this.send('ack', {}));
  }

  send<T extends MessageType>(type: T, body: WireBody<T>): void {
    const message = this.channel.envelope(type, body);
    if (!this.acknowledges && type !== 'ack') delete message.a;
    const text = JSON.stringify(message);
    if (message.s !== undefined) this.channel.keep(message.s, text, text.length);
    if (message.s !== undefined) this.channel.next();
    this.raw(text);
  }

  raw(text: string): void {
    if (!this.closed) this.events.message(text);
  }

  drop(code = 1006, reason = ''): void {
    this.closed ??= { code, reason };
    this.events.close(code, reason);
  }

  challenge(versions: string[] = [PROTOCOL]): void {
    this.send('challenge', { nonce: 'n'.repeat(22), server_id: 'fake', versions });
  }

  welcome(over: Partial<WireBody<'welcome'>> = {}): void {
    this.send('welcome', { ...WELCOME, ...over });
  }

  all<T extends MessageType>(type: T): Body<T>[] {
    return this.received.filter((message) => message.t === type).map((message) => message.b as Body<T>);
  }

  last<T extends MessageType>(type: T): Body<T> {
    const body = this.all(type).at(-1);
    if (body === undefined) throw new Error(`the agent sent no ${type}`);
    return body;
  }

  results(): Body<'results'>['results'] {
    return this.all('results').flatMap((body) => body.results);
  }
}

export class FakeBroker {
  readonly peers: FakePeer[] = [];
  /** While true no connection is made. */
  away = false;

  openSocket: OpenSocket = (url, events) => {
    const peer = new FakePeer(url, events);
    this.peers.push(peer);
    if (this.away) queueMicrotask(() => peer.drop(1006, 'connection refused'));
    return peer.socket;
  };

  get peer(): FakePeer {
    const peer = this.peers.at(-1);
    if (!peer) throw new Error('the agent has not connected');
    return peer;
  }
}
