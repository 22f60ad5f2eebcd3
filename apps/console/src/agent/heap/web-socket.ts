import type { OpenSocket } from '#agent-core';

const REASON_BYTES = 123;
const encoder = new TextEncoder();

/** A close frame's reason may have 123 bytes. */
function fitting(reason: string): string {
  let text = reason;
  while (encoder.encode(text).length > REASON_BYTES) text = text.slice(0, -1);
  return text;
}

/** The codes that a page may close with; the protocol's are among them, 1009 and 1011 are not. */
const mayClose = (code: number): boolean => code === 1000 || (code >= 3000 && code <= 4999);

/** The core's socket over the browser's. @param moved hears of each frame's length, sent or received. */
export const openBrowserSocket =
  (moved: (bytes: number) => void): OpenSocket =>
  (url, events) => {
    const socket = new WebSocket(url);
    let ours = false;
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (ours) return;
      const text = typeof data === 'string' ? data : '';
      moved(text.length);
      // What is not text is no frame of the protocol, and the core says so.
      events.message(text);
    };
    socket.onclose = ({ code, reason }) => {
      if (!ours) events.close(code, reason);
    };
    return {
      send: (text) => {
        if (socket.readyState !== WebSocket.OPEN) return;
        moved(text.length);
        socket.send(text);
      },
      close: (code, reason) => {
        ours = true;
        socket.close(mayClose(code) ? code : 4000, fitting(reason));
      },
    };
  };
