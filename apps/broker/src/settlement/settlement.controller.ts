import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { SettlementService } from './settlement.service.js';

@Controller()
export class SettlementController {
  constructor(private readonly settlement: SettlementService) {}

  @Endpoint(ROUTES.getReceipt)
  receipt(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getReceipt>,
  ): Promise<Answer<typeof ROUTES.getReceipt>> {
    return this.settlement.receipt(personOf(caller).person_id, params.job_id);
  }
}
