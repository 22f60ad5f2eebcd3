import type { FastifyRequest } from 'fastify';
import type { Route } from '#protocol';
import type { Caller } from './caller.js';

/** A request with what the guard has found out about it. */
export type HeapRequest = FastifyRequest & { caller?: Caller | undefined };

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The entry of ROUTES that this Fastify route serves; absent where Nest does not serve it. */
    endpoint?: Route;
  }
}
