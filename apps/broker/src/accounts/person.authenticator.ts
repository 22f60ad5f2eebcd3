import { Inject, Injectable } from '@nestjs/common';
import { API_KEY_PREFIX, isApiKey } from '../platform/auth/api-key-format.js';
import { AUTHENTICATION, type Authentication } from '../platform/auth/authentication.js';
import type { PersonCaller } from '../platform/http/caller.js';
import type { PersonAuthenticator, PersonCredentials } from '../platform/http/credentials.js';
import { AccountsStore } from './accounts.store.js';
import { type KnownKey, KnownKeys } from './known-keys.js';

/** Finds out whose API key, session token or session cookie a request carries. */
@Injectable()
export class AccountsAuthenticator implements PersonAuthenticator {
  constructor(
    @Inject(AUTHENTICATION) private readonly authentication: Authentication,
    private readonly store: AccountsStore,
    private readonly known: KnownKeys,
  ) {}

  async authenticate({ bearer, cookie }: PersonCredentials): Promise<PersonCaller | undefined> {
    if (bearer?.startsWith(API_KEY_PREFIX)) return this.byApiKey(bearer);
    if (bearer !== undefined) return this.bySession(new Headers({ authorization: `Bearer ${bearer}` }));
    return cookie === undefined ? undefined : this.bySession(new Headers({ cookie }));
  }

  private async byApiKey(key: string): Promise<PersonCaller | undefined> {
    if (!isApiKey(key)) return undefined;
    return (await this.known.get(key, () => this.lookUp(key)))?.caller;
  }

  private async lookUp(key: string): Promise<KnownKey | undefined> {
    const { valid, key: found } = await this.authentication.api.verifyApiKey({ body: { key } });
    if (!valid || !found) return undefined;
    const caller = await this.caller(found.referenceId, 'api-key');
    return caller && { api_key_id: found.id, caller };
  }

  /** Sessions are looked up each time: a sign-out acts at once, everywhere. */
  private async bySession(headers: Headers): Promise<PersonCaller | undefined> {
    const session = await this.authentication.api.getSession({ headers });
    return session ? this.caller(session.user.id, 'session') : undefined;
  }

  private async caller(person_id: string, via: PersonCaller['via']): Promise<PersonCaller | undefined> {
    const person = await this.store.personById(person_id);
    return person ? { kind: 'person', person_id, roles: person.roles, via } : undefined;
  }
}
