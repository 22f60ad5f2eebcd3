import { isDeepStrictEqual } from 'node:util';
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import type { Route } from '#protocol';
import { CONFIG, type Config } from '../config/config.js';
import { endpointOf } from './endpoint.js';

/** In tests, compares every answer with the shape its route declares; a difference fails the request. */
@Injectable()
export class ResponseCheckInterceptor implements NestInterceptor {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'check_responses'>) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = endpointOf(context.getHandler());
    if (!this.config.check_responses || !route) return next.handle();
    return next.handle().pipe(
      map((answer: unknown) => {
        assertDeclared(route, answer);
        return answer;
      }),
    );
  }
}

export function assertDeclared(route: Route, answer: unknown): void {
  if (!route.response) {
    if (answer !== undefined) throw new TypeError(`${route.method} ${route.path} declares no answer and gives one`);
    return;
  }
  if (typeof route.response === 'string') return;
  const sent: unknown = JSON.parse(JSON.stringify(answer));
  const parsed = route.response.safeParse(sent);
  if (!parsed.success)
    throw new TypeError(`${route.method} ${route.path} answers with another shape than it declares: ${parsed.error.message}`);
  // Parsing drops members that the schema does not list; they must not be sent either.
  if (!isDeepStrictEqual(parsed.data, sent))
    throw new TypeError(`${route.method} ${route.path} answers with more than it declares: ${JSON.stringify(sent)}`);
}
