import { WebSocket } from 'ws';
import type { OpenSocket } from '#agent-core';
import { SOCKET_LIMITS } from '#protocol';

const REASON_BYTES = 123;
const CLOSING_MS = 1_000;

/** A close frame's reason may have 123 bytes. */
function fitting(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= REASON_BYTES
    ? reason
    : bytes
        .subarray(0, REASON_BYTES - 3)
        .toString('utf8')
        .replace(/\ufffd+$/, '');
}

/** The core's socket over `ws`: text frames only, no compression, no redirects. */
export const openWebSocket: OpenSocket = (url, events) => {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: SOCKET_LIMITS.frame_bytes, handshakeTimeout: 10_000 });
  let failure = '';
  let ours = false;
  socket.on('message', (data: Buffer, binary) => {
    if (ours) return;
    // What is not text is no frame of the protocol, and the core says so.
    events.message(binary ? '' : data.toString('utf8'));
  });
  socket.on('error', (error) => {
    failure = error.message;
  });
  socket.on('close', (code, reason) => {
    if (!ours) events.close(code, reason.toString('utf8') || failure);
  });
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: (code, reason) => {
      ours = true;
      if (socket.readyState === WebSocket.CONNECTING) return socket.terminate();
      socket.close(code, fitting(reason));
      // A peer that does not answer the close is not waited for.
      const timer = setTimeout(() => socket.terminate(), CLOSING_MS);
      socket.once('close', () => clearTimeout(timer));
    },
  };
};
