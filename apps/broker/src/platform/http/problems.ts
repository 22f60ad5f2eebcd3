import { HttpException } from '@nestjs/common';
import { ZodError } from 'zod';
import { isUnreachable } from '#database';
import type { Problem } from '#protocol';
import { HeapError } from '#units';
import { invalidInput } from './input.js';
import { codeOf, statusOf, titleOf } from './statuses.js';

/** Any error as a HeapError: what is not one of ours, Fastify's or Nest's is `internal` and says nothing more. */
export function toHeapError(error: unknown): HeapError {
  if (error instanceof HeapError && error.code !== 'internal') return error;
  if (error instanceof ZodError) return invalidInput('request', error);
  if (isUnreachable(error))
    return new HeapError('unavailable', 'The database cannot be reached right now: try again in a moment.', 'platform');
  const status = statusCode(error);
  if (status !== undefined && status < 500) return new HeapError(codeOf(status), sentence(status, error), 'user');
  return new HeapError(
    'internal',
    'Something went wrong on our side. Nothing more is known to you; the request id leads us to the cause.',
    'platform',
  );
}

function statusCode(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 ? status : undefined;
}

function sentence(status: number, error: unknown): string {
  if (status === 404) return 'There is nothing here: check the path and the method against /openapi.json.';
  if (status === 413) return 'The body is too large: /openapi.json says how much each endpoint takes.';
  if (status === 415) return 'Send application/json, or application/octet-stream where the endpoint takes bytes.';
  return error instanceof Error ? `${error.message.replace(/\.$/, '')}.` : titleOf(status);
}

/** RFC 9457 problem details of an error. */
export function problemOf(error: HeapError, request_id: string, status: number = statusOf(error)): Problem {
  return {
    type: `urn:openheaps:problem:${error.code}`,
    title: titleOf(status),
    status,
    detail: error.message,
    code: error.code,
    fault: error.fault,
    request_id,
    // What a fault of ours carries is for the log: it may name hosts, statements and paths.
    ...(status < 500 && Object.keys(error.details).length > 0 && { details: jsonSafe(error.details) }),
  };
}

const jsonSafe = (details: HeapError['details']): Record<string, unknown> =>
  JSON.parse(JSON.stringify(details, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)));
