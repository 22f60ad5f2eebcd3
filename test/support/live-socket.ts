import WebSocket from 'ws';
import { type LiveMessage, liveMessage } from '#protocol';
import { call } from './api.js';

/** A page's socket at /v1/live, as a test steers it. */
export class LiveSocket {
  readonly messages: LiveMessage[] = [];
  closed: { code: number; reason: string } | undefined;
  private readonly waiting = new Set<() => void>();

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.messages.push(liveMessage.parse(JSON.parse(String(data))));
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
      this.wake();
    });
  }

  static async open(url: string, options: WebSocket.ClientOptions = {}): Promise<LiveSocket> {
    const live = new LiveSocket(new WebSocket(`${url.replace('http', 'ws')}/v1/live`, options));
    await new Promise((resolve, reject) => live.socket.once('open', resolve).once('error', reject));
    return live;
  }

  /** Opened, and heard as whoever the token is of; without one as anybody. */
  static async of(url: string, token?: string, ticket_from: string = url): Promise<LiveSocket> {
    const live = await LiveSocket.open(url);
    live.say({ t: 'hello', ticket: token === undefined ? null : await newTicket(ticket_from, token) });
    await live.next('welcome');
    return live;
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** @returns what was subscribed and what was refused, by topic. */
  async subscribe(...topics: readonly (string | { topic: string; after: string })[]) {
    this.say({ t: 'subscribe', topics: topics.map((topic) => (typeof topic === 'string' ? { topic } : topic)) });
    const answers = new Map<string, { cursor?: string; missed?: string; code?: string }>();
    const names = topics.map((topic) => (typeof topic === 'string' ? topic : topic.topic));
    await this.until(() => {
      for (const message of this.messages.splice(0))
        if (message.t === 'subscribed') for (const { topic, ...answer } of message.topics) answers.set(topic, answer);
        else if (message.t === 'refused') for (const { topic, reason } of message.topics) answers.set(topic, { code: reason.code });
        else this.kept.push(message);
      return names.every((name) => answers.has(name));
    });
    this.messages.unshift(...this.kept.splice(0));
    return answers;
  }
  private readonly kept: LiveMessage[] = [];

  /** The next message of a type; others before it are dropped. */
  async next<T extends LiveMessage['t']>(t: T): Promise<Extract<LiveMessage, { t: T }>> {
    let found: LiveMessage | undefined;
    await this.until(() => {
      while (this.messages.length > 0 && found?.t !== t) found = this.messages.shift();
      return found?.t === t;
    });
    return found as Extract<LiveMessage, { t: T }>;
  }

  /** Waits for a hint of this topic. */
  async hint(topic: string): Promise<void> {
    for (;;) if ((await this.next('hints')).hints.some((hint) => hint.topic === topic)) return;
  }

  async closing(): Promise<{ code: number; reason: string }> {
    await this.until(() => this.closed !== undefined, true);
    return this.closed as { code: number; reason: string };
  }

  close(): void {
    this.socket.terminate();
  }

  private async until(holds: () => boolean, may_close = false): Promise<void> {
    while (!holds()) {
      if (this.closed && !may_close) throw new Error(`the socket was closed: ${this.closed.code} ${this.closed.reason}`);
      await new Promise<void>((resolve) => {
        this.waiting.add(resolve);
      });
    }
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

export async function newTicket(url: string, token: string): Promise<string> {
  const { status, body } = await call(url, 'POST', '/v1/live/tickets', { token });
  if (status !== 201) throw new Error(`a ticket answered ${status}: ${JSON.stringify(body)}`);
  return body.ticket;
}
