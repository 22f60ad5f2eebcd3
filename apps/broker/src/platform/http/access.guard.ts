import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { HeapError } from '#units';
import { endpointOf } from './endpoint.js';
import type { HeapRequest } from './request.js';

/** The second lock: whatever reaches a handler was admitted by AccessControl, or the handler does not run. */
@Injectable()
export class AccessGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    // A gateway authenticates its socket itself, by challenge and signature.
    if (context.getType() !== 'http') return true;
    const route = endpointOf(context.getHandler());
    // Closed by default: a handler that no entry of ROUTES describes is reachable by nobody.
    if (!route) throw new HeapError('not_found', 'There is nothing here.', 'user');
    if (route.access !== 'public' && !context.switchToHttp().getRequest<HeapRequest>().caller)
      throw new HeapError('unauthenticated', 'This endpoint needs credentials.', 'user');
    return true;
  }
}
