import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import { Logger, Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { documents } from './documents.js';
import { firstAnswer } from './first-answer.js';
import { consolePolicy, PAGE_POLICY, PERMISSIONS_POLICY } from './page-policy.js';

/** Made by infra/local/build-console.mjs; this file is dist/apps/broker/src/platform/console/console.module.js. */
const FOLDER = path.resolve(import.meta.dirname, '../../../../../console');

/** Pages by their path. */
const PAGES = { '/join': 'join/index.html', '/join/invite': 'join/invite/index.html' } as const;

/** Where the console's one page stands for every address: what is drawn there is the page's business. */
const CONSOLE_PATHS = [
  '/',
  '/prices',
  '/sign-in',
  '/sign-up',
  '/unsubscribe',
  '/confirm-address',
  ...['owner', 'developer', 'market', 'admin', 'account'].flatMap((area) => [`/${area}`, `/${area}/*`]),
];

/** Files under their own names, which a new version changes: asked for anew each time, and answered with 304 as long as they are the same. */
const KEPT_NAMES = ['/join/check.js', '/join/sw.js', '/join/manifest.webmanifest', '/join/icons/*', '/push/sw.js'] as const;

const YEAR_MS = 365 * 86_400_000;

/** Serves the pages that people use, from the origin of the interface they speak to. */
@Module({})
export class ConsoleModule implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    if (!fs.existsSync(FOLDER)) {
      new Logger('console').warn(`There is no ${FOLDER}: the heap serves no pages. \`node infra/local/setup.mjs\` builds them.`);
      return;
    }
    // Not awaited: that would start Fastify before Nest has told it what to do with errors.
    void fastify.register(pages);
  }
}

async function pages(fastify: FastifyInstance): Promise<void> {
  await fastify.register(fastifyStatic, { root: FOLDER, serve: false, preCompressed: true, cacheControl: false });
  for (const [url, file] of Object.entries(PAGES)) fastify.get(url, async (_, reply) => page(reply, file));
  documents(fastify, FOLDER);
  const consoleFor = firstAnswer(fastify, FOLDER);
  for (const url of CONSOLE_PATHS)
    fastify.get(url, async (request, reply) => {
      const nonce = randomBytes(18).toString('base64url');
      return consolePage(reply, nonce, await consoleFor(request, nonce));
    });
  for (const url of KEPT_NAMES)
    fastify.get(url, async (request, reply) => kept(reply).sendFile(new URL(request.url, 'http://heap').pathname.slice(1)));
  // The name holds the hash of what is in the file.
  fastify.get<{ Params: { '*': string } }>('/assets/*', async ({ params }, reply) =>
    reply.sendFile(`assets/${params['*']}`, { cacheControl: true, maxAge: YEAR_MS, immutable: true }),
  );
}

const page = (reply: FastifyReply, file: string): FastifyReply =>
  kept(reply).header('permissions-policy', PERMISSIONS_POLICY).sendFile(file);

const consolePage = (reply: FastifyReply, nonce: string, html: string): FastifyReply =>
  reply
    .header('cache-control', 'no-store')
    .header('content-security-policy', consolePolicy(nonce))
    .header('permissions-policy', PERMISSIONS_POLICY)
    .type('text/html; charset=utf-8')
    .send(html);

/** A service worker obeys the policy that its script came with, and this one fetches; it lies in a folder and is for the page above it as well. */
const kept = (reply: FastifyReply): FastifyReply =>
  reply.header('cache-control', 'no-cache').header('content-security-policy', PAGE_POLICY).header('service-worker-allowed', '/join');
