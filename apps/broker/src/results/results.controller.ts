import { once } from 'node:events';
import { Controller, Headers, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ROUTES } from '#protocol';
import { type Caller, CallerParam, personOf } from '../platform/http/caller.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { OutcomesService } from './outcomes.service.js';

@Controller()
export class ResultsController {
  constructor(private readonly outcomes: OutcomesService) {}

  @Endpoint(ROUTES.listResults)
  list(
    @CallerParam() caller: Caller,
    @Input() { params, query }: InputOf<typeof ROUTES.listResults>,
  ): Promise<Answer<typeof ROUTES.listResults>> {
    return this.outcomes.page(personOf(caller).person_id, params.job_id, query.after, query.limit);
  }

  @Endpoint(ROUTES.getTask)
  task(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.getTask>): Promise<Answer<typeof ROUTES.getTask>> {
    return this.outcomes.task(personOf(caller).person_id, params.job_id, params.index);
  }

  /** Server-sent events: `result` with the task's place as its id, `end` with the job. */
  @Endpoint(ROUTES.streamResults)
  async stream(
    @CallerParam() caller: Caller,
    @Input() { params, query }: InputOf<typeof ROUTES.streamResults>,
    @Headers('last-event-id') last: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const from = last && /^\d{1,9}$/.test(last) ? Number(last) : query.after;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const person_id = personOf(caller).person_id;
    // An unknown job is a problem, not a stream that never says anything.
    await this.outcomes.page(person_id, params.job_id, from, 1);
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    reply.raw.write(': open\n\n');
    for await (const event of this.outcomes.follow(person_id, params.job_id, from, gone.signal)) {
      const text =
        'end' in event
          ? `event: end\ndata: ${JSON.stringify(event.end)}\n\n`
          : `id: ${event.seq}\nevent: result\ndata: ${JSON.stringify(event)}\n\n`;
      if (!reply.raw.write(text)) await Promise.race([once(reply.raw, 'drain'), once(reply.raw, 'close')]);
    }
    reply.raw.end();
  }
}
