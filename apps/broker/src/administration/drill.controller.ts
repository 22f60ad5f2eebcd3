import { Controller, Inject } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { CONFIG, type Config } from '../platform/config/config.js';
import { effectiveSettings } from '../platform/config/effective-settings.js';
import { VERSION } from '../platform/heap/version.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { QueueStates } from '../platform/queue/queue-states.js';
import { FindService } from './find.service.js';
import { JobsSearchService } from './jobs-search.service.js';
import { ProcessesService } from './processes.service.js';

/** From any id to what it is, and how the heap runs. */
@Controller()
export class DrillController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly finding: FindService,
    private readonly jobs: JobsSearchService,
    private readonly processes: ProcessesService,
    private readonly queues: QueueStates,
  ) {}

  @Endpoint(ROUTES.find)
  async find(@Input() { query }: InputOf<typeof ROUTES.find>): Promise<Answer<typeof ROUTES.find>> {
    return { found: await this.finding.find(query.q) };
  }

  @Endpoint(ROUTES.searchJobs)
  search(@Input() { query }: InputOf<typeof ROUTES.searchJobs>): Promise<Answer<typeof ROUTES.searchJobs>> {
    return this.jobs.search(query);
  }

  @Endpoint(ROUTES.inspectJob)
  inspect(@Input() { params }: InputOf<typeof ROUTES.inspectJob>): Promise<Answer<typeof ROUTES.inspectJob>> {
    return this.jobs.inspect(params.job_id);
  }

  @Endpoint(ROUTES.effectiveSettings)
  async settings(): Promise<Answer<typeof ROUTES.effectiveSettings>> {
    return {
      version: VERSION,
      node_version: process.versions.node,
      roles: [...this.config.roles],
      settings: effectiveSettings(this.config),
      ...(await this.processes.heardOf()),
      queues: await this.queues.all(),
    };
  }
}
