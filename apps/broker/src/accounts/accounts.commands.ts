import { Injectable } from '@nestjs/common';
import { verifyPassword } from '../platform/auth/passwords.js';
import { stepUpFailed, stepUpNeeded, stepUpTooOften } from './accounts.errors.js';
import { AccountsStore } from './accounts.store.js';

const TRIES = 5;
const WINDOW_MS = 60_000;
/** People whose wrong tries are remembered at a time. */
const REMEMBERED_MAX = 10_000;

/** Asks for the password again before something that a stolen key or an open browser must not do alone. */
@Injectable()
export class StepUp {
  private readonly wrong = new Map<string, number[]>();

  constructor(private readonly store: AccountsStore) {}

  /** @throws HeapError `step_up.forbidden` without the right password, `rate_limited` after five wrong ones in a minute. */
  async assert(person_id: string, password: string | undefined): Promise<void> {
    if (password === undefined) throw stepUpNeeded();
    const now_ms = performance.now();
    const tries = (this.wrong.get(person_id) ?? []).filter((at_ms) => now_ms - at_ms < WINDOW_MS);
    if (tries.length >= TRIES) throw stepUpTooOften();
    // Counted before the slow comparison, so that many at once are not all let through.
    if (this.wrong.size >= REMEMBERED_MAX) this.wrong.delete(this.wrong.keys().next().value ?? '');
    this.wrong.set(person_id, [...tries, now_ms]);
    const hash = await this.store.passwordHash(person_id);
    if (hash === null || !(await verifyPassword(hash, password))) throw stepUpFailed();
    this.wrong.delete(person_id);
  }
}
