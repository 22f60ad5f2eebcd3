import { Injectable } from '@nestjs/common';
import { type NoticeChannel, type NoticeKind, type NoticeKindName, noticeKindOf } from '#protocol';
import type { Transaction } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { DeliveriesStore, type NewDelivery, type Reason } from './deliveries.store.js';
import { type NewNotice, NoticesStore, type Reach } from './notices.store.js';
import { quietFor } from './quiet.js';
import type { Cause } from './watches.store.js';

/** E-mails that may be grouped wait so long for each other. */
const GATHER_MS = 5 * 60_000;
const DUE: Reason = { code: 'due', sentence: 'Is sent within seconds.' };
const GATHERING: Reason = { code: 'gathering', sentence: 'Waits a few minutes for others, to come as one e-mail.' };
const QUIET: Reason = { code: 'quiet_hours', sentence: 'Waits for the end of your quiet hours.' };

/** Whether notices of a kind go there: as the person chose, or as the kind has it. What is about security is always on the page and mailed. */
export function goesBy(kind: NoticeKind, channel: NoticeChannel, choices: Reach['choices']): boolean {
  if (isFixed(kind.group, channel)) return true;
  const chosen = choices.find((choice) => choice.group === kind.group && choice.channel === channel);
  return chosen?.on ?? kind.by_default.includes(channel);
}

export const isFixed = (group: NoticeKind['group'], channel: NoticeChannel): boolean => group === 'security' && channel !== 'push';

/** Writes notices with all their deliveries, in one transaction and before anything is sent. */
@Injectable()
export class NoticeWriter {
  constructor(
    private readonly notices: NoticesStore,
    private readonly deliveries: DeliveriesStore,
  ) {}

  /** @returns the people who have news; causes that were told before are passed over. */
  async write(tx: Transaction, causes: readonly Cause[]): Promise<string[]> {
    if (causes.length === 0) return [];
    const reach = new Map((await this.notices.reachOf([...new Set(causes.map((c) => c.person_id))], tx)).map((r) => [r.person_id, r]));
    const drafts = causes.flatMap((cause): NewNotice[] => {
      const to = reach.get(cause.person_id);
      return to ? [{ id: newId(), ...cause, shown: goesBy(noticeKindOf(cause.kind), 'page', to.choices) }] : [];
    });
    const written = await this.notices.insert(tx, drafts);
    const news = drafts.filter((draft) => written.has(draft.id));
    const now = new Date();
    await this.deliveries.insert(
      tx,
      news.flatMap((draft) => deliveriesOf(draft, reach.get(draft.person_id) as Reach, now)),
    );
    return [...new Set(news.map((draft) => draft.person_id))];
  }
}

function deliveriesOf({ id: notice_id, person_id, kind: name }: NewNotice, reach: Reach, now: Date): NewDelivery[] {
  const kind = noticeKindOf(name);
  const one = (channel: NewDelivery['channel'], more: Partial<NewDelivery> = {}): NewDelivery => ({
    id: newId(),
    notice_id,
    person_id,
    channel,
    webhook_id: null,
    push_id: null,
    grouped: false,
    reason: DUE,
    wait_ms: 0,
    ...more,
  });
  const { grouped } = kind;
  const quiet_ms = kind.severity === 'urgent' ? 0 : quietFor(now, reach.quiet_hours);
  return [
    ...(goesBy(kind, 'email', reach.choices) && mayMail(kind, reach)
      ? [one('email', grouped ? { grouped, reason: GATHERING, wait_ms: GATHER_MS } : {})]
      : []),
    ...(goesBy(kind, 'push', reach.choices)
      ? reach.push_ids.map((push_id) => one('push', { push_id, ...(quiet_ms > 0 && { reason: QUIET, wait_ms: quiet_ms }) }))
      : []),
    ...webhooksFor(name, reach).map(({ id }) => one('webhook', { webhook_id: id })),
  ];
}

/** An address that nobody confirmed may be somebody else's: it gets what concerns the security of the account that names it, and no more. */
const mayMail = (kind: NoticeKind, { email, email_verified }: Reach): boolean =>
  !email.endsWith('.invalid') && (email_verified || kind.group === 'security');

const webhooksFor = (name: NoticeKindName, { webhooks }: Reach): Reach['webhooks'] =>
  webhooks.filter(({ kinds }) => kinds.length === 0 || kinds.includes(name));
