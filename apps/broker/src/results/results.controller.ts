import { Controller, Headers, type StreamableFile } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { eventStream, resumeAfter } from '../platform/http/event-stream.js';
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
    return this.outcomes.page(personOf(caller).person_id, params.job_id, query.after, query.limit, query.wait);
  }

  @Endpoint(ROUTES.listTasks)
  tasks(
    @CallerParam() caller: Caller,
    @Input() { params, query }: InputOf<typeof ROUTES.listTasks>,
  ): Promise<Answer<typeof ROUTES.listTasks>> {
    return this.outcomes.tasks(personOf(caller).person_id, params.job_id, query);
  }

  @Endpoint(ROUTES.getTask)
  task(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.getTask>): Promise<Answer<typeof ROUTES.getTask>> {
    return this.outcomes.task(personOf(caller).person_id, params.job_id, params.index);
  }

  /** `result` events with the task's place as their id, then `end` with the job. */
  @Endpoint(ROUTES.streamResults)
  async stream(
    @CallerParam() caller: Caller,
    @Input() { params, query }: InputOf<typeof ROUTES.streamResults>,
    @Headers('last-event-id') last_event_id: string | undefined,
  ): Promise<StreamableFile> {
    const { person_id } = personOf(caller);
    const after = resumeAfter(last_event_id, query.after);
    // An unknown job is a problem, not a stream that never says anything.
    await this.outcomes.page(person_id, params.job_id, after, 1);
    return eventStream((signal) => this.outcomes.follow(person_id, params.job_id, after, query.wait, signal));
  }
}
