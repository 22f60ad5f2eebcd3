import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocketServer } from 'ws';
import { Paced } from '../paced.js';
import { paceUpgrades } from './paced-upgrades.js';

type Bind = WsAdapter['bindMessageHandlers'];

/** Of each turn of the event loop, for connections that become sockets. */
const UPGRADES_MS = 2;

/** A gateway that reads its frames itself subscribes to no events; Nest would still parse each frame, in vain. */
export class FrameAdapter extends WsAdapter {
  private readonly upgrades = new Paced(UPGRADES_MS);

  override create(...[port, options]: Parameters<WsAdapter['create']>): WebSocketServer {
    return paceUpgrades(super.create(port, options) as WebSocketServer, this.upgrades);
  }

  override bindMessageHandlers(...[client, handlers, transform]: Parameters<Bind>): ReturnType<Bind> {
    if (handlers.length > 0) super.bindMessageHandlers(client, handlers, transform);
  }
}
