import { Inject, Injectable } from '@nestjs/common';
import { noticeKindOf, noticeText } from '#protocol';
import { CONFIG, type Config } from '../platform/config/config.js';
import { OwnAddress } from '../platform/http/own-address.js';
import { Mailer, MailFailure } from '../platform/mail/mailer.js';
import type { Claimed, Outcome } from './deliveries.store.js';
import { letter } from './email.js';
import { NoticeKey } from './notice-key.js';

/** Mails to one person in a day: few to an address that may be somebody else's. */
const MOST = { confirmed: 100, unconfirmed: 10 } as const;

/** Sends what is claimed for one person and group as one mail. */
@Injectable()
export class EmailChannel {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly mailer: Mailer,
    private readonly own: OwnAddress,
    private readonly key: NoticeKey,
  ) {}

  async send(deliveries: readonly [Claimed, ...Claimed[]]): Promise<Outcome> {
    const [first] = deliveries;
    const most = first.email_verified ? MOST.confirmed : MOST.unconfirmed;
    if (first.mailed >= most)
      return failed('mail_limit', `There were ${most} mails to this address in 24 hours already; this one is on the page only.`);
    const { group } = noticeKindOf(first.kind);
    const mail = letter({
      to: first.email,
      message_id: `<${first.id}@open-heaps>`,
      heap: this.config.name,
      origin: this.own.url(),
      group,
      notices: deliveries.map(({ kind, params }) => noticeText(kind, params, this.config.currency)),
      unsubscribe_token: group === 'security' ? null : this.key.token('unsubscribe', [first.person_id, group]),
    });
    try {
      await this.mailer.send(mail);
      return { state: 'SENT', reason: { code: 'sent', sentence: 'The mail server took it.' } };
    } catch (error) {
      if (!(error instanceof MailFailure)) throw error;
      if (!error.passing) return failed(error.code, error.message);
      return { state: 'PENDING', reason: { code: error.code, sentence: error.message } };
    }
  }
}

const failed = (code: string, sentence: string): Outcome => ({ state: 'FAILED', reason: { code, sentence } });
