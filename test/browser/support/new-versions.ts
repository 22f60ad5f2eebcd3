import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface NewVersions {
  url: string;
  /** From now on the service worker is that of another build. */
  release(): void;
  close(): Promise<void>;
}

/** The pages of a heap, of which a new version appears when a test says so; only GET goes through. */
export async function startNewVersions(heap_url: string): Promise<NewVersions> {
  let version = 1;
  const server = createServer((request, response) => {
    void (async () => {
      const answer = await fetch(heap_url + (request.url ?? '/'), { headers: { 'accept-encoding': 'identity' } });
      const body = Buffer.from(await answer.arrayBuffer());
      const headers = Object.fromEntries(
        [...answer.headers].filter(([name]) => !/^(content-length|transfer-encoding|connection|etag|date)$/.test(name)),
      );
      const renewed = request.url === '/join/sw.js' ? Buffer.from(body.toString().replace('heap-join-', `heap-join-${version}-`)) : body;
      response.writeHead(answer.status, headers).end(renewed);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    release: () => {
      version += 1;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
