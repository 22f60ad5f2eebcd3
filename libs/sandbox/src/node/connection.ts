import { decodeFrame, encodeFrame, type Frame, FrameReader } from './frames.js';
import type { Reply, Request } from './messages.js';
import { type SandboxProcess, type SpawnOptions, spawnSandbox } from './spawn.js';

const FRAME_BYTES_MAX = 512 * 1024 * 1024;
const STDERR_BYTES_MAX = 4096;

const living = new Set<SandboxProcess>();
process.on('exit', () => {
  for (const { child } of living) child.kill('SIGKILL');
});

/** The parent's end of one sandbox process. */
export class SandboxConnection {
  alive = true;
  /** Why it is no longer alive, for people. */
  failure: string | null = null;
  stderr = '';
  /** As last seen, between two requests. */
  rss_bytes = 0;
  cpu_s = 0;
  /** After its first batch; 0 before. */
  rss_bytes_first = 0;
  /** Hashes of the input files it was given. */
  files: ReadonlySet<string> = new Set();
  file_bytes = 0;
  onReply: (frame: Frame<Reply>) => void = () => undefined;
  onEnd: () => void = () => undefined;
  /** Resolves when no process is left of it. */
  readonly gone: Promise<void>;
  private readonly process: SandboxProcess;
  private readonly frames = new FrameReader(FRAME_BYTES_MAX);

  constructor(options: SpawnOptions) {
    this.process = spawnSandbox(options);
    living.add(this.process);
    const { child, group } = this.process;
    child.stdin.on('error', () => undefined); // the end is told by 'close'
    child.stdout.on('data', (chunk: Buffer) => this.received(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString()).slice(-STDERR_BYTES_MAX);
    });
    this.gone = new Promise((resolve) => {
      child.on('error', (error) => {
        this.ended(`could not start: ${error.message}`);
        if (child.pid === undefined) resolve();
      });
      child.on('close', (code, signal) => {
        group?.remove();
        this.ended(`ended with ${signal ?? `code ${code}`}`);
        resolve();
      });
    });
    child.unref();
  }

  send(request: Request, blobs: readonly Uint8Array[]): void {
    if (this.alive) this.process.child.stdin.write(encodeFrame(request, blobs));
  }

  /** The process that runs the tasks; null when it never came to be. */
  get pid(): Promise<number | null> {
    return this.process.pid;
  }

  /** Whoever waits for an answer hears of it at once; the process is gone a moment later. */
  kill(why = 'was stopped'): void {
    this.process.child.kill('SIGKILL');
    this.process.child.ref(); // whoever waits for its end must not end before
    this.ended(why);
  }

  /** Did the host run out of memory rather than the module misbehave? */
  get ranOutOfMemory(): boolean {
    return /out of memory|allocation failed|bad_alloc/i.test(this.stderr);
  }

  /** Null when the process ended or the time was up. */
  ask(send: () => void, limit_ms: number): Promise<Reply | null> {
    return new Promise((resolve) => {
      const done = (reply: Reply | null) => {
        clearTimeout(timer);
        this.onReply = () => undefined;
        this.onEnd = () => undefined;
        resolve(reply);
      };
      const timer = setTimeout(() => done(null), limit_ms);
      this.onReply = ({ header }) => done(header);
      this.onEnd = () => done(null);
      if (this.alive) send();
      else done(null);
    });
  }

  private received(chunk: Buffer): void {
    if (!this.alive) return;
    try {
      for (const rest of this.frames.push(chunk)) this.onReply(decodeFrame<Reply>(rest));
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof Error && error.message.startsWith('a frame'))) throw error;
      this.kill();
    }
  }

  private ended(why: string): void {
    if (!this.alive) return;
    this.alive = false;
    this.failure = why;
    living.delete(this.process);
    this.onEnd();
  }
}
