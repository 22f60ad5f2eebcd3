import fs from 'node:fs';
import path from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Made by infra/local/build-console.mjs of apps/console/console/first.json. */
interface First {
  /** Files of code that every address needs. */
  modules: string[];
  /** Addresses at which people begin: what else they need, what they ask the heap for, and who may ask for it. */
  at: Record<string, { modules: string[]; asks: string[]; for: 'anyone' | 'owner' | 'developer' | 'admin' }>;
}

interface Me {
  roles: string[];
}

/**
 * Makes the console's page for one request: with links to all that its address is going to load, so that the browser asks for it at once, and with
 * what it would ask the heap for before everything else: what the heap is, and who is signed in.
 * @param folder where the built pages are
 */
export function firstAnswer(fastify: FastifyInstance, folder: string): (request: FastifyRequest, nonce: string) => Promise<string> {
  const html = fs.readFileSync(path.join(folder, 'console/index.html'), 'utf8');
  const first = JSON.parse(fs.readFileSync(path.join(folder, 'console/first.json'), 'utf8')) as First;
  return async (request, nonce) => {
    const [heap, me] = await Promise.all([answerOf(fastify, request, '/v1/heap'), personOf(fastify, request)]);
    const here = first.at[new URL(request.url, 'http://heap').pathname];
    const may_ask = here && (here.for === 'anyone' || (me as Me | null | undefined)?.roles.includes(here.for));
    const links = [
      ...[...first.modules, ...(here?.modules ?? [])].map((file) => `<link rel="modulepreload" crossorigin href="${file}">`),
      ...(may_ask ? here.asks : []).map((ask) => `<link rel="preload" as="fetch" crossorigin href="${ask.replaceAll('&', '&amp;')}">`),
    ];
    // A name may hold what ends a script.
    const known = JSON.stringify({ heap, me }).replaceAll('<', '\\u003c');
    const places: Record<string, string> = { '%CSP_NONCE%': nonce, '%LINKS%': links.join(''), '"%FIRST%"': known };
    return html.replace(/%CSP_NONCE%|%LINKS%|"%FIRST%"/g, (place) => places[place] ?? '');
  };
}

/** Null where nobody can be signed in; undefined where it is for the page to find out. */
const personOf = async (fastify: FastifyInstance, request: FastifyRequest): Promise<unknown> =>
  request.headers.cookie === undefined ? null : answerOf(fastify, request, '/v1/me');

/** What this process answers to a GET of whoever asks for the page, by the same way and with the same rights; undefined unless it is a success. */
async function answerOf(fastify: FastifyInstance, { headers, raw }: FastifyRequest, url: string): Promise<unknown> {
  const { cookie, host, 'x-forwarded-for': forwarded } = headers;
  const { statusCode, body } = await fastify.inject({
    ...{ method: 'GET', url, remoteAddress: raw.socket.remoteAddress ?? '' },
    headers: { ...(cookie && { cookie }), ...(host && { host }), ...(forwarded && { 'x-forwarded-for': forwarded }) },
  });
  return statusCode === 200 ? JSON.parse(body) : undefined;
}
