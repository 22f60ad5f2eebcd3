import { defaultKeyHasher } from '@better-auth/api-key';
import { Inject, Injectable } from '@nestjs/common';
import { API_KEY_PREFIX, isApiKey } from '../platform/auth/api-key-format.js';
import { AUTHENTICATION, type Authentication } from '../platform/auth/authentication.js';
import type { PersonCaller } from '../platform/http/caller.js';
import type { PersonAuthenticator, PersonCredentials } from '../platform/http/credentials.js';
import { personSuspended, signInUnavailable } from './accounts.errors.js';
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
    const known = await this.known.get(key, () => this.lookUp(key));
    if (known && known.suspended_reason !== null) throw personSuspended(known.suspended_reason);
    return known?.caller;
  }

  private async lookUp(key: string): Promise<KnownKey | undefined> {
    const used = await this.store.useApiKey(await defaultKeyHasher(key));
    if (!used) return undefined;
    const { api_key_id, person_id, roles, suspended_reason } = used;
    return { api_key_id, suspended_reason, caller: { kind: 'person', person_id, roles, via: 'api-key', credential_id: api_key_id } };
  }

  /** Sessions are looked up each time: a sign-out acts at once, everywhere. */
  private async bySession(headers: Headers): Promise<PersonCaller | undefined> {
    const session = await this.authentication.api.getSession({ headers }).catch(() => {
      // better-auth has logged why. "Not signed in" would be wrong: the same request can succeed in a moment.
      throw signInUnavailable();
    });
    if (!session) return undefined;
    const { id: credential_id } = session.session;
    const used = await this.store.useSession(credential_id);
    if (!used) return undefined;
    if (used.suspended_reason !== null) throw personSuspended(used.suspended_reason);
    return { kind: 'person', person_id: used.person_id, roles: used.roles, via: 'session', credential_id, signed_in_at: used.proven_at };
  }
}
