import type { IncomingMessage } from 'node:http';
import { Inject, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { RawData, WebSocket } from 'ws';
import { LIVE_CLOSE, LIVE_LIMITS, type LiveRequest, liveRequest } from '#protocol';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type AddressOf, addressesBehind } from '../platform/http/network-address.js';
import { isOwnOrigin } from '../platform/http/same-origin.js';
import { Listener } from './listener.js';
import { LiveService } from './live.service.js';

/** Where pages listen. Translates frames; what they mean is the service's. */
@WebSocketGateway({ path: '/v1/live', maxPayload: LIVE_LIMITS.frame_bytes, perMessageDeflate: false })
export class LiveGateway implements OnGatewayConnection<WebSocket>, OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(LiveGateway.name);
  private readonly addressOf: AddressOf;
  /** Open sockets by network address. */
  private readonly addresses = new Map<string, number>();
  private beats: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly live: LiveService,
  ) {
    this.addressOf = addressesBehind(config.trusted_proxies);
  }

  onApplicationBootstrap(): void {
    this.beats = setInterval(() => {
      for (const listener of this.live.crowd) listener.beat();
    }, LIVE_LIMITS.beat_ms);
  }

  onModuleDestroy(): void {
    clearInterval(this.beats);
  }

  handleConnection(socket: WebSocket, request: IncomingMessage): void {
    // Errors of a socket (oversized frame, reset) end in its close event.
    socket.on('error', () => {});
    const listener = new Listener(socket, performance.now());
    if (!this.config.roles.includes('api'))
      return listener.close(LIVE_CLOSE.try_later, 'This process serves no pages: its balancer must send /v1/live to an api process.');
    // Programs send no origin. A page of another site would listen with tickets that it cannot have; it is told so at once.
    if (request.headers.origin !== undefined && !isOwnOrigin(request.headers, this.config.public_url))
      return listener.close(LIVE_CLOSE.over, 'Pages of other sites do not listen here.');
    if (!this.enter(socket, this.addressOf(request)))
      return listener.close(LIVE_CLOSE.try_later, 'Too many live sockets are open from your network address: try again later.');
    const hello = setTimeout(
      () => listener.close(LIVE_CLOSE.unauthenticated, 'You did not say hello in time.'),
      LIVE_LIMITS.hello_within_ms,
    );
    let turn = Promise.resolve();
    socket.on('message', (data, binary) => {
      clearTimeout(hello);
      const asked = this.read(listener, data, binary);
      // One after the other: what is asked for after hello waits for its answer.
      if (asked) turn = turn.then(() => this.take(listener, asked));
    });
    socket.on('pong', () => {
      listener.alive = true;
    });
    socket.once('close', () => {
      clearTimeout(hello);
      this.live.left(listener);
    });
  }

  private enter(socket: WebSocket, address: string): boolean {
    const open = this.addresses.get(address) ?? 0;
    if (open >= LIVE_LIMITS.sockets_of_address) return false;
    this.addresses.set(address, open + 1);
    socket.once('close', () => {
      const others = (this.addresses.get(address) ?? 1) - 1;
      if (others === 0) this.addresses.delete(address);
      else this.addresses.set(address, others);
    });
    return true;
  }

  private read(listener: Listener, data: RawData, binary: boolean): LiveRequest | undefined {
    if (!listener.open) return undefined;
    if (!listener.maySend(performance.now())) {
      listener.close(LIVE_CLOSE.rate, 'You send too much: connect again later.');
      return undefined;
    }
    const parsed = binary ? undefined : liveRequest.safeParse(jsonOf(String(data)));
    if (!parsed?.success) listener.close(LIVE_CLOSE.malformed, 'This is no message of the protocol.');
    return parsed?.data;
  }

  private async take(listener: Listener, request: LiveRequest): Promise<void> {
    try {
      await this.live.take(listener, request);
    } catch (error) {
      this.log.warn({ err: error }, 'a live socket could not be served');
      listener.close(LIVE_CLOSE.try_later, 'The heap is not ready: try again in a moment.');
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
