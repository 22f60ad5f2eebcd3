import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { AddressesService } from './addresses.service.js';
import { NoticesService } from './notices.service.js';
import { PushService } from './push.service.js';

@Controller()
export class NoticesController {
  constructor(
    private readonly notices: NoticesService,
    private readonly addresses: AddressesService,
    private readonly push: PushService,
  ) {}

  @Endpoint(ROUTES.listNotices)
  list(@CallerParam() caller: Caller, @Input() { query }: InputOf<typeof ROUTES.listNotices>): Promise<Answer<typeof ROUTES.listNotices>> {
    return this.notices.page(personOf(caller).person_id, query);
  }

  @Endpoint(ROUTES.readNotices)
  async read(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.readNotices>,
  ): Promise<Answer<typeof ROUTES.readNotices>> {
    return { unread: await this.notices.read(personOf(caller).person_id, { ids: body.notice_ids, up_to: body.up_to }) };
  }

  @Endpoint(ROUTES.noticeChoices)
  choices(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.noticeChoices>> {
    return this.notices.choicesOf(personOf(caller));
  }

  @Endpoint(ROUTES.chooseNotices)
  choose(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.chooseNotices>,
  ): Promise<Answer<typeof ROUTES.chooseNotices>> {
    return this.notices.choose(personOf(caller), body.choices, body.quiet_hours);
  }

  @Endpoint(ROUTES.askToConfirmAddress)
  ask(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.askToConfirmAddress>> {
    return this.addresses.ask(personOf(caller).person_id);
  }

  @Endpoint(ROUTES.confirmAddress)
  confirm(@Input() { body }: InputOf<typeof ROUTES.confirmAddress>): Promise<Answer<typeof ROUTES.confirmAddress>> {
    return this.addresses.confirm(body.token);
  }

  @Endpoint(ROUTES.unsubscribe)
  unsubscribe(@Input() { query }: InputOf<typeof ROUTES.unsubscribe>): Promise<Answer<typeof ROUTES.unsubscribe>> {
    return this.notices.unsubscribe(query.token);
  }

  @Endpoint(ROUTES.subscribeToPush)
  subscribe(
    @CallerParam() caller: Caller,
    @Input() { body }: InputOf<typeof ROUTES.subscribeToPush>,
  ): Promise<Answer<typeof ROUTES.subscribeToPush>> {
    return this.push.subscribe(personOf(caller).person_id, body);
  }

  @Endpoint(ROUTES.endPush)
  end(@CallerParam() caller: Caller, @Input() { params }: InputOf<typeof ROUTES.endPush>): Promise<void> {
    return this.push.end(personOf(caller).person_id, params.push_id);
  }
}
