import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { AccessControl } from './access-control.js';
import { OwnAddress } from './own-address.js';
import { ProblemFilter } from './problem.filter.js';
import { ResponseCheckInterceptor } from './response-check.interceptor.js';

/** What holds for every endpoint: access by its route, problems as RFC 9457, answers as declared. */
@Global()
@Module({
  providers: [
    AccessControl,
    OwnAddress,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_INTERCEPTOR, useClass: ResponseCheckInterceptor },
  ],
  exports: [AccessControl, OwnAddress],
})
export class HttpModule {}
