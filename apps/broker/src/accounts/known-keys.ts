import { Injectable } from '@nestjs/common';
import type { PersonCaller } from '../platform/http/caller.js';

/** Other processes go on accepting a revoked key for this long at most. */
const FRESH_MS = 2_000;
const KEYS_MAX = 10_000;

export interface KnownKey {
  api_key_id: string;
  suspended_reason: string | null;
  caller: PersonCaller;
}

interface Entry {
  until_ms: number;
  found: Promise<KnownKey | undefined>;
}

/**
 * API keys looked up a moment ago, so that a busy client costs one look-up every two seconds and not one a request.
 * Requests that arrive during a look-up wait for it.
 */
@Injectable()
export class KnownKeys {
  private readonly entries = new Map<string, Entry>();

  get(key: string, lookUp: () => Promise<KnownKey | undefined>, now_ms: number = performance.now()): Promise<KnownKey | undefined> {
    const entry = this.entries.get(key);
    if (entry && entry.until_ms > now_ms) return entry.found;
    if (this.entries.size >= KEYS_MAX) this.entries.clear();
    const found = lookUp().catch((error: unknown) => {
      // A look-up that failed says nothing about the key.
      this.entries.delete(key);
      throw error;
    });
    this.entries.set(key, { until_ms: now_ms + FRESH_MS, found });
    return found;
  }

  /** The key with this id is refused from now on, in this process. */
  async forget(api_key_id: string): Promise<void> {
    for (const [key, { found }] of this.entries) {
      const known = await found.catch(() => undefined);
      if (known?.api_key_id === api_key_id) this.entries.delete(key);
    }
  }

  /** What is known of this person's keys is looked up again. */
  async forgetPerson(person_id: string): Promise<void> {
    for (const [key, { found }] of this.entries) {
      const known = await found.catch(() => undefined);
      if (known?.caller.person_id === person_id) this.entries.delete(key);
    }
  }
}
