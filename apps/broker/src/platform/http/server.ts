import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import helmet from '@fastify/helmet';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { HTTP_LIMITS, PROBLEM_CONTENT_TYPE, type Route } from '#protocol';
import { HeapError, uuidv7 } from '#units';
import type { Config } from '../config/config.js';
import { AccessControl } from './access-control.js';
import { problemOf, toHeapError } from './problems.js';
import { createRateLimits } from './rate-limits.js';
import type { HeapRequest } from './request.js';

/** Fastify with the heap's limits; Nest puts the endpoints on it. */
export function createAdapter(config: Config, logger: Logger): FastifyAdapter {
  return new FastifyAdapter({
    loggerInstance: logger,
    // One line a request, written below when the answer is out.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    bodyLimit: HTTP_LIMITS.body_bytes,
    requestTimeout: config.request_timeout_ms,
    // Of a proxy's headers only whom it heard from counts, where `network-address.ts` believes it; host and protocol never.
    trustProxy: false,
    requestIdHeader: false,
    genReqId: requestId,
    routerOptions: { maxParamLength: 256 },
    clientErrorHandler: refuseUnreadable,
    // A path that cannot be decoded is refused before any hook or filter runs.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const problem = problemOf(toHeapError(error), request.id);
      void reply.status(problem.status).header('content-type', PROBLEM_CONTENT_TYPE).send(JSON.stringify(problem));
    },
  });
}

/** What Node.js could not read as HTTP never becomes a request: answer in our form all the same, and hang up. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const slow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const sentence = slow ? 'The request took too long to arrive.' : 'This is not a readable HTTP request.';
  const problem = problemOf(new HeapError(slow ? 'timeout' : 'invalid_input', sentence, 'user'), requestId());
  const body = JSON.stringify(problem);
  const head = `HTTP/1.1 ${problem.status} ${slow ? 'Request Timeout' : 'Bad Request'}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}`;
  socket.end(`${head}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}

const requestId = (): string => uuidv7(Date.now(), randomBytes(10));

/** Headers, body parsers and limits: what happens to a request before it meets a handler. */
export async function prepareServer(app: NestFastifyApplication, config: Config): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
  await fastify.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'unsafe-inline'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    // Legacy of old browsers; the policy above says the same and more.
    frameguard: false,
    ieNoOpen: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    hsts: config.public_url?.startsWith('https:') ?? false,
  });
  const limits = await createRateLimits(fastify, config);
  const access = app.get(AccessControl);
  fastify.addHook('onRequest', async (request: HeapRequest, reply) => {
    void reply.header('x-request-id', request.id);
    await limits.ofAddress(request, reply);
    const { endpoint } = request.routeOptions.config;
    if (endpoint) {
      if (endpoint.access !== 'public') request.caller = await access.identify(request);
      await limits.ofCaller(request, reply);
      access.authorize(endpoint, request);
    }
    assertMediaType(request);
    // A body that the endpoint reads itself goes past the parser that gathers bytes.
    if (endpoint?.body === 'stream' && request.headers['content-type'] !== undefined) request.headers['content-type'] = UNREAD;
  });
  fastify.addHook('onResponse', async (request, reply) => {
    const line = {
      method: request.method,
      path: request.routeOptions.url,
      status: reply.statusCode,
      took_ms: Math.round(reply.elapsedTime),
    };
    request.log.debug(line, 'answered');
  });
  fastify.addHook('preClose', async () => closeConnectionsSoon(fastify));
  fastify.addHook('onRoute', (options) => {
    const bytes_max = options.config?.endpoint?.body_bytes_max;
    if (bytes_max !== undefined) options.bodyLimit = bytes_max;
  });
  acceptBodies(fastify);
}

/**
 * Closing waits for connections that are not idle, and Node.js counts one that has not sent a request yet (browsers and
 * undici open some ahead) as busy: it would keep a stopping broker for a minute.
 */
function closeConnectionsSoon(fastify: FastifyInstance): void {
  const timer = setTimeout(() => fastify.server.closeAllConnections(), CLOSE_GRACE_MS);
  fastify.server.once('close', () => clearTimeout(timer));
}

/** What requests under way get to end. */
const CLOSE_GRACE_MS = 1_000;

function acceptBodies(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Clients that set the header on every request may send it with nothing.
    if (body === '') done(null, undefined);
    else if (request.routeOptions.config.endpoint?.body === 'signed') done(null, body);
    else void parseJson(request, body as string, done);
  });
  fastify.addContentTypeParser('application/octet-stream', { parseAs: 'buffer', bodyLimit: HTTP_LIMITS.blob_bytes }, (_, body, done) =>
    done(null, body),
  );
  fastify.addContentTypeParser(UNREAD, (_, payload, done) => done(null, payload));
  // The forms of mail programs say nothing that the address they post to does not.
  fastify.addContentTypeParser(FORM, { parseAs: 'string', bodyLimit: FORM_BYTES }, (_, __, done) => done(null, undefined));
}

const FORM = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/;
const FORM_BYTES = 4_096;
const BYTES = 'application/octet-stream';
const UNREAD = 'application/vnd.openheaps.unread';

const takesBytes = (body: Route['body']): boolean => body === 'binary' || body === 'stream';

/** Bytes are taken only where the endpoint takes bytes: everything else keeps the small limit of JSON. */
function assertMediaType(request: FastifyRequest): void {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === undefined) return;
  const takes = request.routeOptions.config.endpoint?.body;
  if (FORM.test(type) ? takes === 'form' : takesBytes(takes) === (type === BYTES)) return;
  const wanted = takesBytes(takes) ? BYTES : 'application/json';
  throw new HeapError('unsupported_media_type', `This endpoint takes ${wanted}; the request says ${type}.`, 'user');
}
