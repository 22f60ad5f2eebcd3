import { Inject, Injectable } from '@nestjs/common';
import { noticeKindOf, noticeText } from '#protocol';
import { CONFIG, type Config } from '../platform/config/config.js';
import { OutwardClient } from '../platform/outward/outward-client.js';
import { OutwardFailure } from '../platform/outward/outward-failure.js';
import type { Claimed, Outcome } from './deliveries.store.js';
import { PushStore } from './push.store.js';
import { PushKey } from './push-key.js';
import { encrypted } from './push-message.js';

/** What is news longer than this is only on the page. */
const TTL_S = 86_400;
const BODY_CHARACTERS = 600;

/** Sends a notice to a browser by its push service. */
@Injectable()
export class PushChannel {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly outward: OutwardClient,
    private readonly key: PushKey,
    private readonly store: PushStore,
  ) {}

  async send({ notice_id, kind, params, push_id, endpoint, p256dh, auth }: Claimed): Promise<Outcome> {
    if (push_id === null || endpoint === null || p256dh === null || auth === null) return failed('browser_gone', 'The browser is gone.');
    const { title, sentence, link } = noticeText(kind, params, this.config.currency);
    const { severity } = noticeKindOf(kind);
    const body = encrypted(
      JSON.stringify({ id: notice_id, title: title.slice(0, 200), body: sentence.slice(0, BODY_CHARACTERS), url: link, severity }),
      {
        p256dh,
        auth,
      },
    );
    try {
      const { status } = await this.outward.post(endpoint, {
        body,
        headers: {
          authorization: this.key.authorization(endpoint, Date.now()),
          'content-type': 'application/octet-stream',
          'content-encoding': 'aes128gcm',
          ttl: String(TTL_S),
          urgency: severity === 'urgent' ? 'high' : 'normal',
          // A second copy of the same notice takes the place of one that still waits there.
          topic: notice_id.replaceAll('-', ''),
        },
      });
      if (status === 404 || status === 410) {
        await this.store.gone(push_id);
        return failed('browser_gone', 'The push service no longer knows the browser, which was removed from your list.');
      }
      if (status >= 200 && status < 300) {
        await this.store.sent(push_id);
        return { state: 'SENT', reason: { code: 'sent', sentence: 'The push service took it.' }, response_status: status };
      }
      const sentence_of = `The push service answered ${status}.`;
      const passing = status === 429 || status >= 500;
      return { state: passing ? 'PENDING' : 'FAILED', reason: { code: 'push_refused', sentence: sentence_of }, response_status: status };
    } catch (error) {
      if (!(error instanceof OutwardFailure)) throw error;
      return { state: error.passing ? 'PENDING' : 'FAILED', reason: { code: error.code, sentence: error.message } };
    }
  }
}

const failed = (code: string, sentence: string): Outcome => ({ state: 'FAILED', reason: { code, sentence } });
