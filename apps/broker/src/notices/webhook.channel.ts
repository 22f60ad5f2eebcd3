import { Inject, Injectable } from '@nestjs/common';
import { noticeKindOf, noticeText, type WebhookPayload } from '#protocol';
import { CONFIG, type Config } from '../platform/config/config.js';
import { OwnAddress } from '../platform/http/own-address.js';
import { OutwardClient } from '../platform/outward/outward-client.js';
import { OutwardFailure } from '../platform/outward/outward-failure.js';
import type { Claimed, Outcome } from './deliveries.store.js';
import { NoticeKey } from './notice-key.js';
import { signedHeaders } from './webhook-signature.js';
import { WebhooksStore } from './webhooks.store.js';

/** Of an answer, what its person sees. */
const SHOWN_BYTES = 1_000;
const DISABLED = { code: 'webhook_off', sentence: 'The webhook is switched off.' } as const;

/** Sends a notice to its person's own server. */
@Injectable()
export class WebhookChannel {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly outward: OutwardClient,
    private readonly own: OwnAddress,
    private readonly key: NoticeKey,
    private readonly store: WebhooksStore,
  ) {}

  async send(delivery: Claimed): Promise<Outcome> {
    const { notice_id, webhook_id, url, generation, kind, old_secret } = delivery;
    const is_test = kind === 'webhook.test';
    if (webhook_id === null || url === null || generation === null || (delivery.webhook_state !== 'ACTIVE' && !is_test))
      return { state: 'FAILED', reason: DISABLED };
    const body = JSON.stringify(this.payload(delivery));
    const generations = old_secret && generation > 1 ? [generation, generation - 1] : [generation];
    const secrets = generations.map((number) => this.key.webhookSecret(webhook_id, number));
    const outcome = await this.post(url, body, signedHeaders(notice_id, Math.floor(Date.now() / 1000), body, secrets));
    if (is_test) return outcome.state === 'PENDING' ? { ...outcome, state: 'FAILED' } : outcome;
    if (outcome.state === 'SENT') await this.store.worked(webhook_id);
    else await this.store.failed(webhook_id);
    if (outcome.response_status === 410)
      await this.store.giveUp(webhook_id, 0, { code: 'webhook_gone', sentence: 'It answered 410: gone.' });
    return outcome;
  }

  private async post(url: string, body: string, headers: Record<string, string>): Promise<Outcome> {
    try {
      const { status, body: answer } = await this.outward.post(url, {
        body,
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'open-heaps-webhooks/1' },
      });
      const response = { response_status: status, response_start: shown(answer) };
      if (status >= 200 && status < 300)
        return { state: 'SENT', reason: { code: 'sent', sentence: `It answered ${status}.` }, ...response };
      if (status === 410) return { state: 'FAILED', reason: { code: 'webhook_gone', sentence: 'It answered 410: gone.' }, ...response };
      const redirect = status >= 300 && status < 400 ? ' Redirects are not followed: register the address they lead to.' : '';
      return { state: 'PENDING', reason: { code: 'webhook_refused', sentence: `It answered ${status}.${redirect}` }, ...response };
    } catch (error) {
      if (!(error instanceof OutwardFailure)) throw error;
      return { state: 'PENDING', reason: { code: error.code, sentence: error.message } };
    }
  }

  private payload({ notice_id, kind, params, created_at }: Claimed): WebhookPayload {
    const { title, sentence, link } = noticeText(kind, params, this.config.currency);
    const { severity } = noticeKindOf(kind);
    return {
      type: kind,
      timestamp: created_at.toISOString(),
      data: { notice_id, title, sentence, severity, url: `${this.own.url()}${link}`, params },
    };
  }
}

/** PostgreSQL keeps no NUL. */
const shown = (answer: Buffer): string => answer.subarray(0, SHOWN_BYTES).toString('utf8').replaceAll('\0', '\uFFFD');
