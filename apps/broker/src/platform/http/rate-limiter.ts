import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HeapError } from '#units';
import { CONFIG, type Config } from '../config/config.js';

const WINDOW_MS = 60_000;
/** More callers than this in one minute start a new window early rather than fill the memory. */
const CALLERS_MAX = 200_000;

/** Counts requests of each caller in windows of a minute, in this process. */
@Injectable()
export class RateLimiter {
  private counts = new Map<string, number>();
  private window_ends_ms = 0;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'caller_requests_per_minute'>) {}

  /** @throws HeapError `rate_limited`, with a Retry-After header, when `caller` has used up its minute. */
  count(caller: string, reply: Pick<FastifyReply, 'header'>, now_ms: number = Date.now()): void {
    if (now_ms >= this.window_ends_ms || this.counts.size >= CALLERS_MAX) {
      this.counts = new Map();
      this.window_ends_ms = now_ms + WINDOW_MS;
    }
    const used = (this.counts.get(caller) ?? 0) + 1;
    this.counts.set(caller, used);
    if (used <= this.config.caller_requests_per_minute) return;
    const seconds = Math.ceil((this.window_ends_ms - now_ms) / 1000);
    reply.header('retry-after', String(seconds));
    throw new HeapError('rate_limited', `Too many requests: try again in ${seconds} s.`, 'user', { retry_after_seconds: seconds });
  }
}
