import { Controller, Inject } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Caller, nodeOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { EarningsService } from './earnings.service.js';

@Controller()
export class DeviceEarningsController {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly earnings: EarningsService,
  ) {}

  @Endpoint(ROUTES.deviceEarnings)
  async earned(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.deviceEarnings>,
  ): Promise<Answer<typeof ROUTES.deviceEarnings>> {
    const { earned, since } = await this.earnings.ofDevice(nodeOf(caller).node_id, new Date(query.since));
    return {
      currency: this.config.currency,
      simulated: this.config.simulated_payments,
      earned_micro: String(earned),
      earned_since_micro: String(since),
    };
  }
}
