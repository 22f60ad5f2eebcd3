import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { HeapError } from '#units';
import type { Caller } from './caller.js';
import type { HeapRequest } from './request.js';

/** The checked caller as a parameter of a handler whose route is not public. */
export const CallerParam = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<HeapRequest>();
  if (!caller) throw new HeapError('unauthenticated', 'This endpoint needs credentials.', 'user');
  return caller;
});
