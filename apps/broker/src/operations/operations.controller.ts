import { Controller, Header } from '@nestjs/common';
import { FIGURES, ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { AlertsService } from './alerts.service.js';
import { FiguresService } from './figures.service.js';
import { PublicFiguresService } from './public-figures.service.js';
import { SamplesService } from './samples.service.js';

@Controller()
export class OperationsController {
  constructor(
    private readonly figures: FiguresService,
    private readonly alerts: AlertsService,
    private readonly samples: SamplesService,
    private readonly everybody: PublicFiguresService,
  ) {}

  @Endpoint(ROUTES.glance)
  async glance(): Promise<Answer<typeof ROUTES.glance>> {
    const [now, alerts] = await Promise.all([this.figures.now(), this.alerts.standing()]);
    return { ...now, figures: FIGURES, alerts, badness: alerts.reduce((sum, { weight }) => sum + weight, 0) };
  }

  @Endpoint(ROUTES.series)
  series(@Input() { query }: InputOf<typeof ROUTES.series>): Promise<Answer<typeof ROUTES.series>> {
    return this.samples.series(query);
  }

  @Endpoint(ROUTES.listAlerts)
  async list(@Input() { query }: InputOf<typeof ROUTES.listAlerts>): Promise<Answer<typeof ROUTES.listAlerts>> {
    return { alerts: await this.alerts.list(query) };
  }

  @Endpoint(ROUTES.acknowledgeAlert)
  acknowledge(
    @CallerParam() caller: Caller,
    @Input() { params, body }: InputOf<typeof ROUTES.acknowledgeAlert>,
  ): Promise<Answer<typeof ROUTES.acknowledgeAlert>> {
    return this.alerts.acknowledge(personOf(caller).person_id, params.alert_id, body.note);
  }

  @Endpoint(ROUTES.heapFigures)
  @Header('cache-control', 'public, max-age=5')
  heapFigures(): Promise<Answer<typeof ROUTES.heapFigures>> {
    return this.everybody.view();
  }
}
