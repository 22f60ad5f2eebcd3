import type { WebSocketServer } from 'ws';
import type { Paced } from '../paced.js';

/** Connections that ask to become sockets become them a few at a time, so that a crowd of them leaves room for the sockets that are there. */
export function paceUpgrades(server: WebSocketServer, upgrades: Paced): WebSocketServer {
  const upgrade: WebSocketServer['handleUpgrade'] = server.handleUpgrade.bind(server);
  server.handleUpgrade = (request, socket, head, done) => {
    // Between HTTP and the socket nobody listens to it: an error would be the process's.
    const broken = () => socket.destroy();
    socket.on('error', broken);
    void upgrades.run(() => {
      socket.off('error', broken);
      if (!socket.destroyed) upgrade(request, socket, head, done);
    });
  };
  return server;
}
