import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { HeapError } from '#units';
import type { Config } from '../config/config.js';
import { type AddressOf, addressesBehind } from './network-address.js';
import type { HeapRequest } from './request.js';

const WINDOW_MS = 60_000;
/** Counters kept at a time; the least used go first. */
const COUNTERS_MAX = 100_000;

type Check = (request: HeapRequest, reply: FastifyReply) => Promise<void>;

/** How much one network address and one caller may ask for in a minute, counted in this process. */
export interface RateLimits {
  /** @throws HeapError `rate_limited`, and sets Retry-After. */
  readonly ofAddress: Check;
  /** Of the person or node, and of the address where it is neither. @throws HeapError `rate_limited`, and sets Retry-After. */
  readonly ofCaller: Check;
}

export async function createRateLimits(fastify: FastifyInstance, config: Config): Promise<RateLimits> {
  const addressOf = addressesBehind(config.trusted_proxies);
  await fastify.register(rateLimit, { global: false, timeWindow: WINDOW_MS, cache: COUNTERS_MAX });
  const address = fastify.createRateLimit({
    max: config.address_requests_per_minute,
    keyGenerator: (request) => addressOf(request.raw),
  });
  const caller = fastify.createRateLimit({
    max: config.caller_requests_per_minute,
    keyGenerator: (request) => callerKey(request as HeapRequest, addressOf),
  });
  return {
    ofAddress: (request, reply) => check(address, 'from your network address', request, reply),
    ofCaller: (request, reply) => check(caller, 'with these credentials', request, reply),
  };
}

function callerKey({ caller, raw }: HeapRequest, addressOf: AddressOf): string {
  if (!caller) return `address ${addressOf(raw)}`;
  return caller.kind === 'person' ? `person ${caller.person_id}` : `node ${caller.node_id}`;
}

async function check(
  limiter: ReturnType<FastifyInstance['createRateLimit']>,
  whose: string,
  request: HeapRequest,
  reply: FastifyReply,
): Promise<void> {
  const state = await limiter(request);
  if (state.isAllowed || !state.isExceeded) return;
  void reply.header('retry-after', String(state.ttlInSeconds));
  const sentence = `Too many requests ${whose}: try again in ${state.ttlInSeconds} s.`;
  throw new HeapError('rate_limited', sentence, 'user', { retry_after_seconds: state.ttlInSeconds });
}
