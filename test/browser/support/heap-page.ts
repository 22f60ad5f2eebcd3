import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { bundle, engineBytes, PAGE_POLICY } from './server.js';

export interface HeapPage {
  /** The page's own origin, at which the heap answers too. */
  url: string;
  /** Cuts every connection and takes no new one until it is false again: a network that is gone. */
  away: boolean;
  cut(): void;
  close(): Promise<void>;
}

/**
 * A page with nothing but the browser agent, on the heap's own origin, as the heap serves its page: what is not the page's goes on to the heap
 * with its Host and Origin as they came.
 */
export async function startHeapPage(heap_url: string): Promise<HeapPage> {
  const heap = new URL(heap_url);
  const files = new Map<string, { type: string; body: Uint8Array | string }>([
    ['/agent.js', { type: 'text/javascript', body: await bundle('apps/console/src/agent/testing/page.ts') }],
    ['/sandbox-worker.js', { type: 'text/javascript', body: await bundle('libs/sandbox/src/browser/worker.ts') }],
    ['/quickjs.wasm', { type: 'application/wasm', body: engineBytes() }],
    [
      '/',
      {
        type: 'text/html',
        body: '<!doctype html><meta name="viewport" content="width=device-width"><title>agent</title><body><button id="press">Press</button><script src="/agent.js"></script>',
      },
    ],
    ['/favicon.ico', { type: 'image/x-icon', body: '' }],
  ]);
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const file = files.get(new URL(request.url ?? '/', heap).pathname);
    if (!file) return forward(heap, request, response);
    if (file.type === 'text/html') response.setHeader('content-security-policy', PAGE_POLICY);
    response.writeHead(200, { 'content-type': file.type }).end(file.body);
  });
  server.on('connection', (socket: Socket) => {
    if (page.away) return socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  server.on('upgrade', (request: IncomingMessage, client: Socket, head: Buffer) => {
    const upstream = connect(Number(heap.port), heap.hostname);
    const headers = Array.from(
      { length: request.rawHeaders.length / 2 },
      (_, i) => `${request.rawHeaders[2 * i]}: ${request.rawHeaders[2 * i + 1]}`,
    );
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.once('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const page: HeapPage = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    away: false,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        page.cut();
        server.close(() => resolve());
      }),
  };
  return page;
}

function forward(heap: URL, request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  const upstream = ask({ host: heap.hostname, port: heap.port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
    // An answer that breaks off breaks off for the page too.
    answer.on('error', () => response.destroy());
  });
  upstream.on('error', () => response.destroy());
  request.pipe(upstream);
}
