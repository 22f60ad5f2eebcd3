import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { AdminLogQuery } from '../accounts/admin-log.query.js';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { AdministrationService } from './administration.service.js';
import { SolvencyService } from './solvency.service.js';

@Controller()
export class AdministrationController {
  constructor(
    private readonly administration: AdministrationService,
    private readonly solvent: SolvencyService,
    private readonly log: AdminLogQuery,
  ) {}

  @Endpoint(ROUTES.solvency)
  solvency(): Promise<Answer<typeof ROUTES.solvency>> {
    return this.solvent.view();
  }

  @Endpoint(ROUTES.proposeJournal)
  propose(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.proposeJournal>,
  ): Promise<Answer<typeof ROUTES.proposeJournal>> {
    return this.administration.propose(personOf(caller).person_id, body);
  }

  @Endpoint(ROUTES.resolveSuspense)
  resolve(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.resolveSuspense>,
  ): Promise<Answer<typeof ROUTES.resolveSuspense>> {
    return this.administration.resolve(personOf(caller).person_id, params.transaction_id, body);
  }

  @Endpoint(ROUTES.decideJournal)
  decide(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.decideJournal>,
  ): Promise<Answer<typeof ROUTES.decideJournal>> {
    return this.administration.decide(personOf(caller).person_id, params.manual_id, body.approve);
  }

  @Endpoint(ROUTES.listJournals)
  async list(): Promise<Answer<typeof ROUTES.listJournals>> {
    return { journals: await this.administration.list() };
  }

  @Endpoint(ROUTES.adminLog)
  async lines(@Input() { query }: InputOf<typeof ROUTES.adminLog>): Promise<Answer<typeof ROUTES.adminLog>> {
    const rows = await this.log.page(query);
    return {
      lines: rows.map(({ seq, at, hash, ...line }) => ({ seq: Number(seq), at: at.toISOString(), hash: hash.toString('hex'), ...line })),
    };
  }

  @Endpoint(ROUTES.checkAdminLog)
  async check(): Promise<Answer<typeof ROUTES.checkAdminLog>> {
    const { lines, first_broken, head, checked_at } = await this.log.check();
    return {
      intact: first_broken === null,
      lines,
      first_broken,
      head: head?.toString('hex') ?? null,
      checked_at: checked_at.toISOString(),
    };
  }
}
