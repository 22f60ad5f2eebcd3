import { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { z } from 'zod';
import type { BodyOf, ParamsOf, QueryOf, Route } from '#protocol';
import { HeapError } from '#units';
import { endpointOf } from './endpoint.js';
import type { HeapRequest } from './request.js';

/** What a handler gets with `@Input()`: parsed by the schemas of its route, and nothing that they do not list. */
export interface InputOf<R extends Route> {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: R['body'] extends 'binary'
    ? Buffer
    : R['body'] extends 'stream'
      ? Readable
      : R['body'] extends 'signed'
        ? string
        : R['body'] extends 'form'
          ? undefined
          : BodyOf<R>;
}

/**
 * The request's path parameters, query and body, parsed by the route's schemas; a part without a schema must be empty.
 * @throws HeapError `invalid_input` with the path of every wrong member in `details.issues`.
 */
export const Input = createParamDecorator((_: unknown, context: ExecutionContext): InputOf<Route> => {
  const route = endpointOf(context.getHandler());
  if (!route) throw new Error(`${context.getHandler().name} takes @Input() but is no @Endpoint()`);
  const request = context.switchToHttp().getRequest<HeapRequest>();
  return parseInput(route, request);
});

export function parseInput(route: Route, request: { params?: unknown; query?: unknown; body?: unknown }): InputOf<Route> {
  return {
    params: parse('path', route.params, request.params) as never,
    query: parse('query', route.query, request.query) as never,
    body: parseBody(route.body, request.body) as never,
  };
}

function parseBody(schema: Route['body'], body: unknown): unknown {
  if (schema === 'binary') return bytes(body);
  if (schema === 'stream') return body instanceof Readable ? body : Readable.from([]);
  if (schema === 'signed') return typeof body === 'string' ? body : '';
  if (schema === 'form') return undefined;
  return parse('body', schema, body);
}

const bytes = (body: unknown): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0));

function parse(part: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) {
    if (isEmpty(value)) return undefined;
    throw new HeapError('invalid_input', `This endpoint takes nothing in its ${part}: leave it out.`, 'user');
  }
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw invalidInput(part, parsed.error);
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0);

/** Says what is wrong with a part of the request, member by member. */
export function invalidInput(part: string, error: z.ZodError): HeapError {
  const issues = error.issues.slice(0, 20).map(({ path, message }) => ({ path: [part, ...path.map(String)].join('.'), message }));
  const sentence = issues
    .slice(0, 3)
    .map(({ path, message }) => `${path}: ${message}`)
    .join('; ');
  return new HeapError('invalid_input', `The request does not have the documented shape. ${sentence}.`, 'user', { issues });
}
