import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { ProblemFilter } from './problem.filter.js';
import { RateLimiter } from './rate-limiter.js';
import { ResponseCheckInterceptor } from './response-check.interceptor.js';

/** What holds for every endpoint: access by its route, problems as RFC 9457, answers as declared. */
@Global()
@Module({
  providers: [
    RateLimiter,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_INTERCEPTOR, useClass: ResponseCheckInterceptor },
  ],
})
export class HttpModule {}
