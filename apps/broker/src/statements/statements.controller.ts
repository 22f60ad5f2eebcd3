import { Controller, StreamableFile } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { csvOf } from './csv.js';
import { pdfOf } from './pdf.js';
import { SpendingService } from './spending.service.js';
import { StatementsService } from './statements.service.js';

@Controller()
export class StatementsController {
  constructor(
    private readonly statements: StatementsService,
    private readonly spending: SpendingService,
  ) {}

  @Endpoint(ROUTES.listStatements)
  async list(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listStatements>> {
    return { statements: await this.statements.list(personOf(caller).person_id) };
  }

  @Endpoint(ROUTES.getStatement)
  get(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getStatement>,
  ): Promise<Answer<typeof ROUTES.getStatement>> {
    return this.statements.get(personOf(caller).person_id, params.statement_id);
  }

  @Endpoint(ROUTES.getStatementFile)
  async file(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getStatementFile>,
  ): Promise<Answer<typeof ROUTES.getStatementFile>> {
    const statement = await this.statements.get(personOf(caller).person_id, params.statement_id);
    const disposition = `attachment; filename="${params.statement_id}.${params.format}"`;
    if (params.format === 'pdf') return new StreamableFile(await pdfOf(statement), { type: 'application/pdf', disposition });
    return new StreamableFile(Buffer.from(csvOf(statement)), { type: 'text/csv; charset=utf-8', disposition });
  }

  @Endpoint(ROUTES.spending)
  spent(@CallerParam() caller: Caller, @Input() { query }: InputOf<typeof ROUTES.spending>): Promise<Answer<typeof ROUTES.spending>> {
    return this.spending.of(personOf(caller).person_id, query);
  }
}
