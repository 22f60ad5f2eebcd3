import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../platform/config/config.js';
import { makeOnce } from '../platform/make-once.js';

type Purpose = 'unsubscribe' | 'confirm address';

/**
 * A secret of its own, made at the first start and kept in the data folder. Secrets of webhooks are derived from it, so that the database holds
 * none; it signs the tokens in mails.
 */
@Injectable()
export class NoticeKey {
  private readonly key: Buffer;

  constructor(@Inject(CONFIG) { data_dir }: Config) {
    const file = path.join(data_dir, 'notice-key');
    makeOnce(file, () => `${randomBytes(32).toString('hex')}\n`);
    this.key = Buffer.from(fs.readFileSync(file, 'utf8').trim(), 'hex');
  }

  /** As Standard Webhooks writes it: `whsec_` and 32 bytes in base64. */
  webhookSecret(webhook_id: string, generation: number): string {
    return `whsec_${this.mac(`webhook\n${webhook_id}\n${generation}`).toString('base64')}`;
  }

  token(purpose: Purpose, content: readonly (string | number)[]): string {
    const body = Buffer.from(JSON.stringify(content)).toString('base64url');
    return `${body}.${this.mac(`${purpose}\n${body}`).toString('base64url')}`;
  }

  /** @returns null for a token that is none of ours, or made for something else. */
  read(purpose: Purpose, token: string): unknown[] | null {
    const [body = '', mac = ''] = token.split('.');
    const [given, right] = [Buffer.from(mac, 'base64url'), this.mac(`${purpose}\n${body}`)];
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
    return JSON.parse(Buffer.from(body, 'base64url').toString()) as unknown[];
  }

  private mac(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}
