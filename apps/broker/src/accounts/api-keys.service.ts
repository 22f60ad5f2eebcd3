import { Inject, Injectable } from '@nestjs/common';
import { AUTHENTICATION, type Authentication } from '../platform/auth/authentication.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { apiKeyNotFound, tooManyApiKeys } from './accounts.errors.js';
import { AccessChanged } from './accounts.events.js';
import { AccountsStore, type ApiKeyRow } from './accounts.store.js';

export type { ApiKeyRow } from './accounts.store.js';

import { KnownKeys } from './known-keys.js';

const API_KEYS_MAX = 100;
const DAY_S = 86_400;

/** Creates, lists and revokes the API keys of a person. */
@Injectable()
export class ApiKeysService {
  constructor(
    @Inject(AUTHENTICATION) private readonly authentication: Authentication,
    private readonly store: AccountsStore,
    private readonly known: KnownKeys,
    private readonly bus: EventBus,
  ) {}

  /** The key itself is in this answer and nowhere else. */
  async create(person_id: string, name: string, expires_in_days?: number): Promise<{ api_key: ApiKeyRow; secret: string }> {
    // A bound against runaway scripts: parallel requests may overshoot it by their number.
    if ((await this.store.apiKeyCount(person_id)) >= API_KEYS_MAX) throw tooManyApiKeys(API_KEYS_MAX);
    const created = await this.authentication.api.createApiKey({
      body: { userId: person_id, name, ...(expires_in_days !== undefined && { expiresIn: expires_in_days * DAY_S }) },
    });
    this.bus.publish(AccessChanged, { person_id });
    const { id, start, createdAt: created_at, expiresAt: expires_at } = created;
    return { api_key: { id, name, start, created_at, expires_at, last_used_at: null }, secret: created.key };
  }

  list(person_id: string): Promise<ApiKeyRow[]> {
    return this.store.apiKeysOf(person_id);
  }

  /** @throws HeapError `not_found` for a key that is not there or somebody else's. */
  async revoke(person_id: string, api_key_id: string): Promise<void> {
    if (!(await this.store.deleteApiKey(person_id, api_key_id))) throw apiKeyNotFound();
    this.bus.publish(AccessChanged, { person_id });
    await this.known.forget(api_key_id);
  }
}
