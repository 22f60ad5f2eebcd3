import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { FRAME_POLICY } from '#sandbox/browser';

const BUNDLES = {
  '/page.js': 'test/browser/page.ts',
  '/sandbox-worker.js': 'libs/sandbox/src/browser/worker.ts',
  '/state-worker.js': 'test/browser/support/state-worker.ts',
};

/** A script for a page, of TypeScript. */
export async function bundle(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    conditions: ['source'],
    write: false,
    logLevel: 'warning',
  });
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild made nothing of ${entry}`);
  return file.contents;
}

export const engineBytes = (): Uint8Array => readFileSync(createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm'));

/** A page as strict as ours will be: its own scripts, and what the sandbox's frame needs. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  `script-src 'self' ${FRAME_POLICY['script-src']}`,
  `worker-src ${FRAME_POLICY['worker-src']}`,
].join('; ');

export interface PageServer {
  url: string;
  /** Every request that is none of the page's own: what a sandboxed script got out of its box. */
  readonly strangers: string[];
  /** Serves a value as JSON; answers its address. */
  offer(value: unknown): string;
  close(): Promise<void>;
}

/** Serves the test page, its scripts and data, and writes down whatever else is asked for. */
export async function startPageServer(): Promise<PageServer> {
  const files = new Map<string, { type: string; body: Uint8Array | string }>();
  const strangers: string[] = [];
  for (const [path, entry] of Object.entries(BUNDLES)) files.set(path, { type: 'text/javascript', body: await bundle(entry) });
  files.set('/quickjs.wasm', { type: 'application/wasm', body: engineBytes() });
  files.set('/', { type: 'text/html', body: '<!doctype html><title>sandbox</title><body><script src="/page.js"></script>' });
  files.set('/favicon.ico', { type: 'image/x-icon', body: '' });
  const stranger = (request: IncomingMessage) => strangers.push(`${request.method} ${request.url}`);
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    if (!file) stranger(request);
    response.setHeader('access-control-allow-origin', '*');
    if (file?.type === 'text/html') response.setHeader('content-security-policy', PAGE_POLICY);
    response.writeHead(200, { 'content-type': file?.type ?? 'text/javascript' }).end(file?.body ?? '1');
  });
  server.on('upgrade', (request, socket) => {
    stranger(request);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let offered = 0;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    strangers,
    offer(value) {
      const path = `/data/${offered++}.json`;
      files.set(path, { type: 'application/json', body: JSON.stringify(value) });
      return path;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
