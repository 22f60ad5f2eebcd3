import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { PAGE_POLICY, PERMISSIONS_POLICY } from '../../../apps/broker/src/platform/console/page-policy.js';

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };

/** What the heap answers to the page's requests. */
export type HeapAnswers = Record<string, { status?: number; body: unknown }>;

export const ANSWERS: HeapAnswers = {
  'GET /v1/heap': { body: { name: 'Library heap', simulated_payments: true } },
  'GET /api/auth/get-session': { body: null },
};

export interface JoinHarness {
  url: string;
  /** By verb and path; may be changed while the page runs. */
  answers: HeapAnswers;
  /** Bodies of what was posted and put. */
  readonly sent: { to: string; body: unknown }[];
  close(): Promise<void>;
}

/** The page of /join with a fake agent and a heap of constant answers, under the policy that the broker sends. */
export async function startJoinHarness(): Promise<JoinHarness> {
  const { outputFiles } = await build({
    entryPoints: { page: 'apps/console/src/join/testing/harness.tsx' },
    outdir: '/',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['source'],
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    // The root's package.json says of sources that they have no side effects, which is not so of a page's entry.
    ignoreAnnotations: true,
    write: false,
    logLevel: 'warning',
  });
  const files = new Map(outputFiles.map(({ path: name, contents }) => [name, contents]));
  const html = readFileSync('apps/console/join/index.html', 'utf8')
    .replace(
      '<script type="module" src="../src/join/main.ts">',
      '<link rel="stylesheet" href="/page.css" /><script type="module" src="/page.js">',
    )
    .replace('<script src="/join/check.js" vite-ignore></script>', '');
  const answers: HeapAnswers = structuredClone(ANSWERS);
  const sent: JoinHarness['sent'] = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://heap');
    const file = files.get(pathname);
    const answer = answers[`${request.method} ${pathname}`];
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      if (body !== '') sent.push({ to: `${request.method} ${pathname}`, body: JSON.parse(body) });
      if (answer) response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
      else if (file) response.writeHead(200, { 'content-type': TYPES[path.extname(pathname)] }).end(file);
      else if (pathname === '/')
        response
          .writeHead(200, { 'content-type': 'text/html', 'content-security-policy': PAGE_POLICY, 'permissions-policy': PERMISSIONS_POLICY })
          .end(html);
      else response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    sent,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
