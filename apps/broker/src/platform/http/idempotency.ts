import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { HeapError } from '#units';
import type { HeapRequest } from './request.js';

/**
 * The request's Idempotency-Key: 1 to 128 visible ASCII characters that the client made up for this one deed.
 * @throws HeapError `idempotency_key_missing` or `idempotency_key_invalid`.
 */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string =>
  idempotencyKey(context.switchToHttp().getRequest<HeapRequest>().headers['idempotency-key']),
);

export function idempotencyKey(header: string | string[] | undefined): string {
  if (header === undefined || header === '')
    throw new HeapError(
      'idempotency_key_missing',
      'This request costs money: send an Idempotency-Key header that you make up for it, for example a UUID, and repeat it when you try again.',
      'user',
    );
  if (typeof header === 'string' && /^[!-~]{1,128}$/.test(header)) return header;
  throw new HeapError(
    'idempotency_key_invalid',
    'The Idempotency-Key header must be 1 to 128 visible ASCII characters, without spaces.',
    'user',
  );
}
