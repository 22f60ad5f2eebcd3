import { Controller } from '@nestjs/common';
import { ROUTES } from '#protocol';
import { type Caller, personOf } from '../platform/http/caller.js';
import { CallerParam } from '../platform/http/caller-param.js';
import { type Answer, Endpoint } from '../platform/http/endpoint.js';
import { Input, type InputOf } from '../platform/http/input.js';
import { StepUp } from './accounts.commands.js';
import { personGone } from './accounts.errors.js';
import { PeopleQuery } from './accounts.query.js';
import type { ApiKeyRow } from './api-keys.service.js';
import { ApiKeysService } from './api-keys.service.js';
import { ProfileService } from './profile.service.js';
import { type SessionRow, SessionsService } from './sessions.service.js';

@Controller()
export class AccountsController {
  constructor(
    private readonly people: PeopleQuery,
    private readonly api_keys: ApiKeysService,
    private readonly sessions: SessionsService,
    private readonly step_up: StepUp,
    private readonly profile: ProfileService,
  ) {}

  @Endpoint(ROUTES.me)
  async me(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.me>> {
    const person = await this.people.byId(personOf(caller).person_id);
    if (!person) throw personGone();
    const { id, name, email, roles } = person;
    return { id, name, email, roles };
  }

  @Endpoint(ROUTES.updateMe)
  async update(@Input() { body }: InputOf<typeof ROUTES.updateMe>, @CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.updateMe>> {
    await this.profile.update(personOf(caller).person_id, body);
    return this.me(caller);
  }

  @Endpoint(ROUTES.stepUp)
  async prove(@Input() { body }: InputOf<typeof ROUTES.stepUp>, @CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.stepUp>> {
    return { good_for_minutes: await this.step_up.prove(personOf(caller), body.password) };
  }

  @Endpoint(ROUTES.listSessions)
  async signIns(@CallerParam() caller: Caller): Promise<Answer<typeof ROUTES.listSessions>> {
    const { person_id, credential_id } = personOf(caller);
    return { sessions: (await this.sessions.list(person_id)).map((row) => sessionView(row, credential_id)) };
  }

  @Endpoint(ROUTES.endSession)
  async signOut(@Input() { params }: InputOf<typeof ROUTES.endSession>, @CallerParam() caller: Caller): Promise<void> {
    await this.sessions.end(personOf(caller).person_id, params.session_id);
  }

  @Endpoint(ROUTES.endSessions)
  async signOutMany(
    @Input() { body }: InputOf<typeof ROUTES.endSessions>,
    @CallerParam() caller: Caller,
  ): Promise<Answer<typeof ROUTES.endSessions>> {
    return { ended: await this.sessions.endMany(personOf(caller), body.which) };
  }

  @Endpoint(ROUTES.createApiKey)
  async create(
    @Input() { body }: InputOf<typeof ROUTES.createApiKey>,
    @CallerParam() caller: Caller,
  ): Promise<Answer<typeof ROUTES.createApiKey>> {
    await this.step_up.assert(personOf(caller), body.password);
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

const sessionView = (row: SessionRow, current_id: string) => ({
  session_id: row.id,
  current: row.id === current_id,
  user_agent: row.user_agent || null,
  address: row.ip_address || null,
  signed_in_at: row.created_at.toISOString(),
  last_used_at: row.last_used_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
});
