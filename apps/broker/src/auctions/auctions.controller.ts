import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { EstimatesService } from './estimates.service.js';
import { PricesService } from './prices.service.js';
import { ReceiptsService } from './receipts.service.js';

@Controller()
export class AuctionsController {
  constructor(
    private readonly prices: PricesService,
    private readonly estimates: EstimatesService,
    private readonly receipts: ReceiptsService,
  ) {}

  @Endpoint(ROUTES.listMarkets)
  markets(): Promise<Answer<typeof ROUTES.listMarkets>> {
    return this.prices.markets();
  }

  @Endpoint(ROUTES.listCandles)
  candles(@Input() { params, query }: InputOf<typeof ROUTES.listCandles>): Promise<Answer<typeof ROUTES.listCandles>> {
    return this.prices.candles(params, query);
  }

  @Endpoint(ROUTES.getDepth)
  depth(@Input() { params, query }: InputOf<typeof ROUTES.getDepth>): Promise<Answer<typeof ROUTES.getDepth>> {
    return this.prices.depth(params, query);
  }

  @Endpoint(ROUTES.estimate)
  estimate(@CallerParam() caller: Caller, @Input() { body }: InputOf<typeof ROUTES.estimate>): Promise<Answer<typeof ROUTES.estimate>> {
    return this.estimates.estimate(personOf(caller).person_id, body);
  }

  @Endpoint(ROUTES.getEstimate)
  plainEstimate(
    @CallerParam() caller: Caller,
    @Input() { params, query }: InputOf<typeof ROUTES.getEstimate>,
  ): Promise<Answer<typeof ROUTES.getEstimate>> {
    return this.estimates.plain(personOf(caller).person_id, params, query);
  }

  @Endpoint(ROUTES.listRounds)
  rounds(@Input() { params, query }: InputOf<typeof ROUTES.listRounds>): Promise<Answer<typeof ROUTES.listRounds>> {
    return this.receipts.list(params, query);
  }

  @Endpoint(ROUTES.listRoundHeads)
  heads(@Input() { params, query }: InputOf<typeof ROUTES.listRoundHeads>): Promise<Answer<typeof ROUTES.listRoundHeads>> {
    return this.receipts.heads(params.market, query.before, query.limit);
  }

  @Endpoint(ROUTES.getRound)
  round(@Input() { params }: InputOf<typeof ROUTES.getRound>): Promise<Answer<typeof ROUTES.getRound>> {
    return this.receipts.get(params.round_id);
  }
}
