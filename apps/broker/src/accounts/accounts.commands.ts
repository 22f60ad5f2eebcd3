import { Inject, Injectable } from '@nestjs/common';
import { verifyPassword } from '../platform/auth/passwords.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { PersonCaller } from '../platform/http/caller.js';
import { notASession, stepUpFailed, stepUpNeeded, stepUpTooOften } from './accounts.errors.js';
import { AccountsStore } from './accounts.store.js';

const TRIES = 5;
const WINDOW_MS = 60_000;
/** People whose wrong tries are remembered at a time. */
const REMEMBERED_MAX = 10_000;

/**
 * Asks for a fresh proof before something that a stolen key or an open browser must not do alone: the password with the request, or a
 * sign-in a moment ago. Who has no password, as the person at this machine, can give none: with simulated money nothing is at stake.
 */
@Injectable()
export class StepUp {
  private readonly wrong = new Map<string, number[]>();
  /** The last try of each person who has one under way. */
  private readonly turns = new Map<string, Promise<void>>();

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly store: AccountsStore,
  ) {}

  /** @throws HeapError `step_up.forbidden` without a fresh proof, `rate_limited` after five wrong passwords in a minute. */
  async assert(caller: PersonCaller, password: string | undefined): Promise<void> {
    if (password !== undefined && (await this.isRight(caller.person_id, password))) return;
    const age_ms = Date.now() - (caller.signed_in_at?.getTime() ?? Number.NEGATIVE_INFINITY);
    if (password === undefined && age_ms < this.config.step_up_minutes * 60_000) return;
    if (this.config.simulated_payments && (await this.store.passwordHash(caller.person_id)) === null) return;
    throw password === undefined ? stepUpNeeded(this.config.step_up_minutes) : stepUpFailed();
  }

  /** The password, given once for what this session asks for next. @returns for how many minutes. @throws HeapError as `assert`, or `forbidden` to an API key. */
  async prove({ person_id, via, credential_id }: PersonCaller, password: string): Promise<number> {
    if (via !== 'session') throw notASession();
    if (!(await this.isRight(person_id, password))) throw stepUpFailed();
    await this.store.prove(credential_id);
    return this.config.step_up_minutes;
  }

  /**
   * One try of a person at a time: a try is judged by what all before it were, so that many at once are not all let through, and right
   * ones that are asked for at once count as none.
   */
  private isRight(person_id: string, password: string): Promise<boolean> {
    const turn = (this.turns.get(person_id) ?? Promise.resolve()).then(() => this.tryOne(person_id, password));
    const over = turn.then(
      () => {},
      () => {},
    );
    this.turns.set(person_id, over);
    void over.then(() => {
      if (this.turns.get(person_id) === over) this.turns.delete(person_id);
    });
    return turn;
  }

  private async tryOne(person_id: string, password: string): Promise<boolean> {
    const tries = (this.wrong.get(person_id) ?? []).filter((at_ms) => performance.now() - at_ms < WINDOW_MS);
    if (tries.length >= TRIES) throw stepUpTooOften();
    const hash = await this.store.passwordHash(person_id);
    if (hash === null) return false;
    const right = await verifyPassword(hash, password);
    this.wrong.delete(person_id);
    if (right) return true;
    if (this.wrong.size >= REMEMBERED_MAX) this.wrong.delete(this.wrong.keys().next().value ?? '');
    this.wrong.set(person_id, [...tries, performance.now()]);
    return false;
  }
}
