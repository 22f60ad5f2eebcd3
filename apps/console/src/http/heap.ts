import createClient, { type Middleware } from 'openapi-fetch';
import { HeapError } from '#units';
import { TEXT } from '../text/en.js';
import type { paths } from './generated/heap-api.js';

type Problem = Partial<Record<'code' | 'detail' | 'fault' | 'request_id', unknown>> & { details?: Record<string, unknown> };
const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

/** Problem details become a HeapError with the heap's own code and sentence; `request_id` is among its details. */
const problems: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return undefined;
    const { code, detail, request_id, details } = ((await response.json().catch(() => null)) ?? {}) as Problem;
    throw new HeapError(text(code, 'unavailable'), text(detail, TEXT.problem.unreachable), response.status < 500 ? 'user' : 'platform', {
      ...details,
      status: response.status,
      ...(typeof request_id === 'string' && { request_id }),
    });
  },
  onError() {
    return new HeapError('heap_unreachable', TEXT.problem.unreachable, 'platform');
  },
};

/** The heap's HTTP interface, typed by the OpenAPI document that it serves. Throws HeapErrors only. */
export const heap = createClient<paths>();
heap.use(problems);
