import type { PageDocument } from './dom.js';
import { openFrame, type SandboxFrame } from './frame.js';
import { type Reply, type Request, readReply } from './messages.js';

/** The page's end of one sandbox worker. */
export class WorkerConnection {
  alive = true;
  /** Why it is no longer alive, for people. */
  failure: string | null = null;
  /** As last reported. */
  held_bytes = 0;
  /** Called for each reply that is expected; without it any message is one too many. */
  onReply: ((reply: Reply) => void) | null = null;
  onEnd: () => void = () => undefined;
  private readonly frame: SandboxFrame;

  constructor(document: PageDocument, worker_source: string) {
    this.frame = openFrame(document, worker_source, (why) => this.kill(why));
    this.frame.port.onmessage = ({ data }) => this.received(data);
  }

  send(request: Request): void {
    if (this.alive) this.frame.port.postMessage(request);
  }

  kill(why = 'was stopped'): void {
    if (!this.alive) return;
    this.alive = false;
    this.failure = why;
    this.frame.remove();
    this.onEnd();
  }

  /** Sends one request; null when the worker ended or the time was up. */
  ask(request: Request, limit_ms: number): Promise<Reply | null> {
    return new Promise((resolve) => {
      const done = (reply: Reply | null) => {
        clearTimeout(timer);
        this.onReply = null;
        this.onEnd = () => undefined;
        resolve(reply);
      };
      const timer = setTimeout(() => done(null), limit_ms);
      this.onReply = done;
      this.onEnd = () => done(null);
      if (this.alive) this.send(request);
      else done(null);
    });
  }

  private received(message: unknown): void {
    if (!this.alive) return;
    const reply = readReply(message);
    if (reply === null || this.onReply === null) return this.kill('sent a message that no sandbox sends');
    this.held_bytes = reply.held_bytes;
    this.onReply(reply);
  }
}
