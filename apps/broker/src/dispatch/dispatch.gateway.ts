import type { IncomingMessage } from 'node:http';
import { Inject, Logger } from '@nestjs/common';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { CLOSE, SOCKET_LIMITS, type WireMessage } from '#protocol';
import { CONFIG, type Config } from '../platform/config/config.js';
import { HeapKey } from '../platform/heap-key.js';
import { type AddressOf, addressesBehind } from '../platform/http/network-address.js';
import { DispatchService } from './dispatch.service.js';
import { Door } from './door.js';
import { GatewayLife } from './gateway-life.service.js';
import { introduce, Refusal } from './handshake.js';

/** Agents come back after this time up to twice of it. */
const RETRY_MS = 5_000;
const LINGER_MS = 2_000;

/** Where agents connect. Translates a connection into a session; everything else is the service's. */
@WebSocketGateway({ path: '/v1/socket', maxPayload: SOCKET_LIMITS.frame_bytes, perMessageDeflate: false })
export class DispatchGateway implements OnGatewayConnection<WebSocket> {
  private readonly log = new Logger(DispatchGateway.name);
  private readonly door = new Door();
  private readonly addressOf: AddressOf;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly dispatch: DispatchService,
    private readonly life: GatewayLife,
    private readonly key: HeapKey,
  ) {
    this.addressOf = addressesBehind(config.trusted_proxies);
  }

  async handleConnection(socket: WebSocket, request: IncomingMessage): Promise<void> {
    // Errors of a socket (oversized frame, reset) end in its close event, where the session is cleaned up.
    socket.on('error', () => {});
    if (!this.config.roles.includes('gateway')) {
      // Not the device's fault: a balancer sent it here, and the next connection may come to a gateway.
      this.sendAway(socket, 'This process of the heap takes no devices: its balancer must send /v1/socket to a gateway.');
      return;
    }
    if (this.life.draining) {
      socket.close(1012, 'This gateway restarts: another will take you, or this one in a moment.');
      return;
    }
    const address = this.addressOf(request);
    const { admitted, leave } = this.door.enter(address);
    socket.once('close', leave);
    if (!(await admitted)) return this.sendAway(socket, 'More devices connect than this gateway can take in: try again in a moment.');
    try {
      const heap = { server_id: this.key.server_id, public_url: this.config.public_url };
      await this.dispatch.begin(socket, await introduce(socket, request, { address, ...heap }));
    } catch (error) {
      if (error instanceof Refusal) this.close(socket, error.close_code, error.message);
      else {
        this.log.warn({ err: error }, 'a node could not be let in');
        this.sendAway(socket, 'The heap is not ready: try again in a moment.');
      }
    } finally {
      leave();
    }
  }

  /** With a time to stay away, so that those who are sent away do not all knock again at once. */
  private sendAway(socket: WebSocket, sentence: string): void {
    if (socket.readyState !== socket.OPEN) return;
    const busy: WireMessage<'throttle'> = { v: 1, t: 'throttle', b: { retry_in_ms: RETRY_MS, code: 'busy' } };
    socket.send(JSON.stringify(busy));
    this.close(socket, CLOSE.try_later, sentence);
  }

  /** Whoever does not answer the farewell is not waited for. */
  private close(socket: WebSocket, code: number, sentence: string): void {
    if (socket.readyState !== socket.OPEN) return;
    socket.close(code, sentence.slice(0, 120));
    const timer = setTimeout(() => socket.terminate(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  }
}
