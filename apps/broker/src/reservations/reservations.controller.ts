import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { IdempotencyKey } from '../platform/http/idempotency.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { ReservationEstimates } from './reservation-estimates.js';
import { ReservationsService } from './reservations.service.js';

@Controller()
export class ReservationsController {
  constructor(
    private readonly reservations: ReservationsService,
    private readonly estimates: ReservationEstimates,
  ) {}

  @Endpoint(ROUTES.reserve)
  place(
    @CallerParam() caller: Caller,
    @IdempotencyKey() key: string,
    @Input() { body }: InputOf<typeof ROUTES.reserve>,
  ): Promise<Answer<typeof ROUTES.reserve>> {
    return this.reservations.place(personOf(caller).person_id, key, body);
  }

  @Endpoint(ROUTES.estimateReservation)
  estimate(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.estimateReservation>,
  ): Promise<Answer<typeof ROUTES.estimateReservation>> {
    return this.estimates.estimate(personOf(caller).person_id, body);
  }

  @Endpoint(ROUTES.listReservations)
  async list(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.listReservations>,
  ): Promise<Answer<typeof ROUTES.listReservations>> {
    return { reservations: await this.reservations.list(personOf(caller).person_id, query.before, query.limit) };
  }

  @Endpoint(ROUTES.getReservation)
  get(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.getReservation>,
  ): Promise<Answer<typeof ROUTES.getReservation>> {
    return this.reservations.get(personOf(caller).person_id, params.reservation_id);
  }

  @Endpoint(ROUTES.cancelReservation)
  cancel(
    @CallerParam() caller: Caller,
    @Input() { params }: InputOf<typeof ROUTES.cancelReservation>,
  ): Promise<Answer<typeof ROUTES.cancelReservation>> {
    return this.reservations.cancel(personOf(caller).person_id, params.reservation_id);
  }

  @Endpoint(ROUTES.listKeptLeases)
  async leases(
    @CallerParam() caller: Caller,
    @Input() { query }: InputOf<typeof ROUTES.listKeptLeases>,
  ): Promise<Answer<typeof ROUTES.listKeptLeases>> {
    return { leases: await this.reservations.ownerLeases(personOf(caller).person_id, query.before, query.limit) };
  }

  @Endpoint(ROUTES.listKeptOffers)
  async offers(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listKeptOffers>> {
    return { offers: await this.reservations.ownerOffers(personOf(caller).person_id) };
  }
}
