import fs from 'node:fs';
import path from 'node:path';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** They have a style and a script of their own, and ask only this origin for anything. */
const DOCUMENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const FILES = ['/docs/search.json', '/docs/pictures/*', '/docs/screens/*'] as const;

/** The documentation, as infra/local/docs made it of the repository's documents: one file of HTML for each address. Needs @fastify/static. */
export function documents(fastify: FastifyInstance, folder: string): void {
  const inside = fs.readdirSync(path.join(folder, 'docs'), { recursive: true, encoding: 'utf8' });
  const addresses = new Set(
    ['docs.html', ...inside.map((name) => `docs/${name.split(path.sep).join('/')}`)]
      .filter((name) => name.endsWith('.html'))
      .map((name) => name.slice(0, -'.html'.length)),
  );
  const send = (reply: FastifyReply, address: string) =>
    asked(reply).header('content-security-policy', DOCUMENT_POLICY).sendFile(`${address}.html`);
  for (const url of FILES)
    fastify.get(url, async (request, reply) => asked(reply).sendFile(new URL(request.url, 'http://heap').pathname.slice(1)));
  fastify.get('/docs', async (_, reply) => send(reply, 'docs'));
  fastify.get<{ Params: { '*': string } }>('/docs/*', async ({ params }, reply) => {
    const address = `docs/${params['*'].replace(/\/$/, '')}`.replace(/\/$/, '');
    return addresses.has(address) ? send(reply, address) : send(reply.code(404), 'docs/not-found');
  });
}

const asked = (reply: FastifyReply): FastifyReply => reply.header('cache-control', 'no-cache');
