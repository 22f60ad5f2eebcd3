import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_CONTENT_TYPE } from '#protocol';
import { HeapError } from '#units';
import type { AddressOf } from '../http/network-address.js';
import { problemOf } from '../http/problems.js';
import { assertSameOrigin } from '../http/same-origin.js';
import { codeOf } from '../http/statuses.js';
import { ADDRESS_HEADER, AUTH_PATH, type Authentication } from './authentication.js';

/** What of better-auth is reachable; everything else it brings is not there. */
const OPEN: readonly (readonly ['GET' | 'POST', string, ('proof' | 'instead')?])[] = [
  ['POST', '/sign-up/email'],
  ['POST', '/sign-in/email'],
  ['POST', '/sign-out'],
  ['POST', '/change-password'],
  ['GET', '/get-session'],
  ['GET', '/list-sessions'],
  ['POST', '/revoke-session'],
  ['POST', '/revoke-other-sessions'],
  ['POST', '/revoke-sessions'],
  ['GET', '/passkey/generate-register-options', 'proof'],
  ['POST', '/passkey/verify-registration', 'proof'],
  ['GET', '/passkey/generate-authenticate-options'],
  ['POST', '/passkey/verify-authentication', 'instead'],
  ['GET', '/passkey/list-user-passkeys'],
  ['POST', '/passkey/update-passkey'],
  ['POST', '/passkey/delete-passkey', 'proof'],
];

/** What the station that keeps people adds to an endpoint of better-auth. */
export interface Watch {
  /** Before what adds or takes away a way to sign in. @throws HeapError for whoever must prove first who they are */
  assertProof(request: FastifyRequest): Promise<void>;
  /** Before a sign-in that may be made to prove again who somebody is. @returns ends the sign-in that the new one stands for. */
  signingIn(request: FastifyRequest): Promise<() => Promise<void>>;
}

/** Puts sign-up, sign-in and session endpoints on Fastify, below /api/auth. */
export function mountAuthentication(fastify: FastifyInstance, authentication: Authentication, addressOf: AddressOf, watch: Watch): void {
  for (const [method, path, what] of OPEN)
    fastify.route({
      method,
      url: `${AUTH_PATH}${path}`,
      exposeHeadRoute: false,
      handler: async (request, reply) => {
        // With and without a cookie: signing a browser in from another site's page is as bad as signing it out.
        assertSameOrigin(request, authentication.options.baseURL);
        if (what === 'proof') await watch.assertProof(request);
        const endEarlier = what === 'instead' ? await watch.signingIn(request) : undefined;
        await answer(authentication, toWebRequest(request, addressOf), request, reply);
        if (reply.statusCode === 200) await endEarlier?.();
        return reply;
      },
    });
}

async function answer(authentication: Authentication, asked: Request, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const response = await authentication.handler(asked).catch(asResponse);
  // More than one cookie cannot be one header.
  for (const [name, value] of response.headers) if (name !== 'set-cookie' && name !== 'content-length') reply.header(name, value);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) reply.header('set-cookie', cookies);
  reply.status(response.status);
  const text = await response.text();
  if (response.ok) return reply.send(withSignedToken(text, response.headers.get('set-auth-token')));
  const told = problem(response.status, text, request.id);
  return reply.status(told.status).header('content-type', PROBLEM_CONTENT_TYPE).send(JSON.stringify(told));
}

/** What better-auth refuses, as the response it would give; what fails otherwise goes to the problem filter. */
function asResponse(error: unknown): Response {
  const { statusCode: status, body } = error as { statusCode?: unknown; body?: unknown };
  if (typeof status === 'number' && status >= 400 && status < 500) return new Response(JSON.stringify(body ?? {}), { status });
  throw error;
}

/** A new session's `token` as a program can use it: signed. The bare one that better-auth puts there opens nothing. */
function withSignedToken(text: string, signed: string | null): string {
  const body = signed === null ? {} : parsed(text);
  return 'token' in body ? JSON.stringify({ ...body, token: signed }) : text;
}

function toWebRequest(request: FastifyRequest, addressOf: AddressOf): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value);
  headers.set(ADDRESS_HEADER, addressOf(request.raw));
  headers.delete('content-length');
  const has_body = request.method === 'POST';
  return new Request(new URL(request.url, `http://${request.host}`), {
    method: request.method,
    headers,
    ...(has_body && { body: JSON.stringify(request.body ?? {}) }),
  });
}

/** better-auth answers 422 with this when the database failed, or when somebody else took the address at the same moment. */
const CREATION_FAILED = 'FAILED_TO_CREATE_USER';
const notCreated = () =>
  new HeapError('unavailable', 'The account could not be created right now; nothing was changed. Try again in a moment.', 'platform');

/** better-auth's errors are a code in capitals and a sentence; ours look the same everywhere. */
function problem(status: number, text: string, request_id: string) {
  const { code, message } = parsed(text);
  if (code === CREATION_FAILED) return problemOf(notCreated(), request_id);
  const known = typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code);
  const sentence = typeof message === 'string' && message !== '' ? `${message.replace(/\.$/, '')}.` : 'The request was refused.';
  const error = new HeapError(known ? code.toLowerCase() : codeOf(status), sentence, status < 500 ? 'user' : 'platform');
  return problemOf(error, request_id, status);
}

function parsed(text: string): { code?: unknown; message?: unknown; token?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
