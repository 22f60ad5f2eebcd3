import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** What one connection suffers; all of it can change while it lasts. */
export interface Faults {
  /** Each chunk is late by so long, in both directions. */
  latency_ms: number;
  /** Bytes per second towards the client; 0 is no limit. A slow reader fills the server's buffers. */
  to_client_bytes_per_s: number;
}

const HEALTHY: Faults = { latency_ms: 0, to_client_bytes_per_s: 0 };

interface Pair {
  client: Socket;
  server: Socket;
  /** Nothing passes any more, and nobody is told. */
  half_open: boolean;
}

/**
 * A TCP proxy that fails on demand: late, slow, cut in the middle of a frame, reset, or half open. In front of several servers it is a
 * balancer too: a new connection goes to the next one that takes it.
 */
export class TcpProxy {
  readonly faults: Faults = { ...HEALTHY };
  /** While true new connections are refused. */
  refuses = false;
  accepted = 0;
  private readonly pairs = new Set<Pair>();
  private turn = 0;
  /** Settles when what stands still goes on. */
  private standing: Promise<void> | null = null;

  private constructor(
    private readonly server: Server,
    /** Ports on this machine; may change at any time. */
    public upstreams: number[],
  ) {}

  static async start(...upstreams: number[]): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, upstreams);
    server.on('connection', (client) => proxy.accept(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.pairs.size;
  }

  async close(): Promise<void> {
    this.refuses = true;
    this.reset();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(client: Socket, tried = 0): void {
    client.on('error', () => {});
    const port = this.upstreams[this.turn++ % Math.max(1, this.upstreams.length)];
    if (this.refuses || port === undefined || tried >= this.upstreams.length) return void client.resetAndDestroy();
    client.pause();
    const server = dial({ port, host: '127.0.0.1' });
    const failed = () => this.accept(client, tried + 1);
    server.once('error', failed);
    server.once('connect', () => {
      server.off('error', failed);
      server.on('error', () => {});
      if (client.destroyed) return void server.destroy();
      this.join({ client, server, half_open: false });
    });
  }

  private join(pair: Pair): void {
    this.accepted += 1;
    this.pairs.add(pair);
    this.pipe(pair, pair.client, pair.server, () => 0);
    this.pipe(pair, pair.server, pair.client, () => this.faults.to_client_bytes_per_s);
    pair.client.resume();
  }

  private pipe(pair: Pair, from: Socket, to: Socket, bytes_per_s: () => number): void {
    let line: Promise<void> = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      if (pair.half_open) return;
      const rate = bytes_per_s();
      const delay_ms = this.faults.latency_ms + (rate > 0 ? (chunk.length * 1_000) / rate : 0);
      if (delay_ms > 0 || this.standing) from.pause();
      line = line.then(async () => {
        await this.standing;
        if (delay_ms > 0) await new Promise((resolve) => setTimeout(resolve, delay_ms));
        if (!pair.half_open && !to.destroyed && !to.write(chunk))
          await new Promise<void>((resolve) => to.once('drain', resolve).once('close', resolve));
        if (!from.destroyed) from.resume();
      });
    });
    from.on('close', () => {
      this.pairs.delete(pair);
      if (!pair.half_open) void line.then(() => to.destroy());
    });
  }

  /** Nothing passes any more, as with a server that stands still; all of it does later. @returns what lets it go on. */
  stall(): () => void {
    let goOn = (): void => undefined;
    this.standing = new Promise((resolve) => {
      goOn = () => {
        this.standing = null;
        resolve();
      };
    });
    return goOn;
  }

  /** Ends connections as a router does that lost its tables. */
  reset(count = Number.POSITIVE_INFINITY): number {
    return this.each(count, (pair) => {
      pair.client.resetAndDestroy();
      pair.server.resetAndDestroy();
    });
  }

  /** Lets both ends believe that they are connected while nothing passes. */
  halfOpen(count = Number.POSITIVE_INFINITY): number {
    return this.each(count, (pair) => {
      pair.half_open = true;
    });
  }

  /** The next chunk to each end arrives up to its middle, then the connection ends. */
  truncate(count = Number.POSITIVE_INFINITY): number {
    return this.each(count, (pair) => {
      for (const [from, to] of [
        [pair.client, pair.server],
        [pair.server, pair.client],
      ] as const) {
        from.removeAllListeners('data');
        from.once('data', (chunk: Buffer) => to.end(chunk.subarray(0, Math.floor(chunk.length / 2)), () => from.destroy()));
      }
    });
  }

  private each(count: number, harm: (pair: Pair) => void): number {
    let harmed = 0;
    for (const pair of [...this.pairs]) {
      if (harmed >= count) break;
      harm(pair);
      harmed += 1;
    }
    return harmed;
  }
}
