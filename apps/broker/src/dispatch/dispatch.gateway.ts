import type { IncomingMessage } from 'node:http';
import { Inject, Logger } from '@nestjs/common';
import { type OnGatewayConnection, WebSocketGateway } from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { CLOSE, SOCKET_LIMITS } from '#protocol';
import { CONFIG, type Config } from '../platform/config/config.js';
import { HeapKey } from '../platform/heap-key.js';
import { DispatchService } from './dispatch.service.js';
import { GatewayLife } from './gateway-life.service.js';
import { introduce, Refusal } from './handshake.js';

/** The door of agents. Translates a connection into a session; everything else is the service's. */
@WebSocketGateway({ path: '/v1/socket', maxPayload: SOCKET_LIMITS.frame_bytes, perMessageDeflate: false })
export class DispatchGateway implements OnGatewayConnection<WebSocket> {
  private readonly log = new Logger(DispatchGateway.name);

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly dispatch: DispatchService,
    private readonly life: GatewayLife,
    private readonly key: HeapKey,
  ) {}

  async handleConnection(socket: WebSocket, request: IncomingMessage): Promise<void> {
    // Errors of a socket (oversized frame, reset) end in its close event, where the session is cleaned up.
    socket.on('error', () => {});
    if (!this.config.roles.includes('gateway')) {
      socket.close(CLOSE.unauthenticated, 'This process is no gateway.');
      return;
    }
    if (this.life.draining) {
      socket.close(1012, 'This gateway restarts: another will take you, or this one in a moment.');
      return;
    }
    try {
      await this.dispatch.begin(socket, await introduce(socket, request, this.key.server_id, this.config.public_url));
    } catch (error) {
      if (error instanceof Refusal) socket.close(error.close_code, error.message.slice(0, 120));
      else {
        this.log.warn({ err: error }, 'a node could not be let in');
        socket.close(1013, 'The heap is not ready: try again in a moment.');
      }
    }
  }
}
