import { Injectable } from '@nestjs/common';
import { newId } from '../platform/ids.js';
import { OutwardClient } from '../platform/outward/outward-client.js';
import { OutwardFailure } from '../platform/outward/outward-failure.js';
import { addressRefused, browserUnknown, tooManyBrowsers } from './notices.errors.js';
import { PushStore } from './push.store.js';

const BROWSERS_MAX = 20;

@Injectable()
export class PushService {
  constructor(
    private readonly outward: OutwardClient,
    private readonly store: PushStore,
  ) {}

  /** The same browser again is the same subscription. @throws HeapError for an address that is no push service's. */
  async subscribe(person_id: string, push: { endpoint: string; p256dh: string; auth: string; name: string }): Promise<{ push_id: string }> {
    await this.outward.check(push.endpoint).catch((error: unknown) => {
      throw error instanceof OutwardFailure ? addressRefused(error.message) : error;
    });
    const push_id = await this.store.put(person_id, { id: newId(), ...push }, BROWSERS_MAX);
    if (push_id === null) throw tooManyBrowsers(BROWSERS_MAX);
    return { push_id };
  }

  async end(person_id: string, push_id: string): Promise<void> {
    if (!(await this.store.delete(person_id, push_id))) throw browserUnknown();
  }
}
