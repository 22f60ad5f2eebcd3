import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { personGone } from './accounts.errors.js';
import { PeopleQuery } from './accounts.query.js';
import type { ApiKeyRow } from './api-keys.service.js';
import { ApiKeysService } from './api-keys.service.js';

@Controller()
export class AccountsController {
  constructor(
    private readonly people: PeopleQuery,
    private readonly api_keys: ApiKeysService,
  ) {}

  @Endpoint(ROUTES.me)
  async me(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.me>> {
    const person = await this.people.byId(personOf(caller).person_id);
    if (!person) throw personGone();
    const { id, name, email, roles } = person;
    return { id, name, email, roles };
  }

  @Endpoint(ROUTES.createApiKey)
  async create(
    @Input() { body }: InputOf<typeof ROUTES.createApiKey>,
    @CallerParam() caller: Caller,
  ): Promise<Answer<typeof ROUTES.createApiKey>> {
    const { api_key, secret } = await this.api_keys.create(personOf(caller).person_id, body.name, body.expires_in_days);
    return { api_key: toView(api_key), secret };
  }

  @Endpoint(ROUTES.listApiKeys)
  async list(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listApiKeys>> {
    return { api_keys: (await this.api_keys.list(personOf(caller).person_id)).map(toView) };
  }

  @Endpoint(ROUTES.deleteApiKey)
  async revoke(@Input() { params }: InputOf<typeof ROUTES.deleteApiKey>, @CallerParam() caller: Caller): Promise<void> {
    await this.api_keys.revoke(personOf(caller).person_id, params.api_key_id);
  }
}

const toView = ({ id, name, start, created_at, expires_at, last_used_at }: ApiKeyRow) => ({
  id,
  name: name ?? '',
  start: start ?? '',
  created_at: created_at.toISOString(),
  expires_at: expires_at?.toISOString() ?? null,
  last_used_at: last_used_at?.toISOString() ?? null,
});
