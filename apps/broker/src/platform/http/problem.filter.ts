import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_CONTENT_TYPE } from '#protocol';
import { problemOf, toHeapError } from './problems.js';
import { ORDINARY } from './statuses.js';

/** Answers every error over HTTP with RFC 9457 problem details, and logs those that are ours. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = problemOf(toHeapError(error), String(request.id));
    if (ORDINARY.has(problem.code)) request.log.debug({ code: problem.code }, 'not now');
    else if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, 'request failed');
    // A stream that has begun cannot become a problem: cut it, so that the client sees it did not end well.
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="heap"');
    if (problem.status === 503) void reply.header('retry-after', '1');
    void reply.status(problem.status).header('content-type', PROBLEM_CONTENT_TYPE).send(JSON.stringify(problem));
  }
}
