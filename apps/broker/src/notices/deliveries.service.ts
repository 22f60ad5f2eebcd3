import { Injectable, Logger } from '@nestjs/common';
import { noticeKindOf } from '#protocol';
import { newId } from '../platform/ids.js';
import { pauseAfter } from './backoff.js';
import { type Claimed, DeliveriesStore, type Outcome } from './deliveries.store.js';
import { EmailChannel } from './email.channel.js';
import { PushChannel } from './push.channel.js';
import { WebhookChannel } from './webhook.channel.js';
import { WebhooksStore } from './webhooks.store.js';

const PARALLEL = 32;
/** A webhook nothing has reached for so long is switched off. */
const GIVE_UP_H = 20;
const DEFECT: Outcome = {
  state: 'PENDING',
  reason: { code: 'internal', sentence: 'The heap could not send it; its operator has been told.' },
};

/** Sends what is due: at least once, under the same id each time, until it arrives or a day has passed. */
@Injectable()
export class DeliveriesService {
  private readonly log = new Logger(DeliveriesService.name);

  constructor(
    private readonly store: DeliveriesStore,
    private readonly webhooks: WebhooksStore,
    private readonly email: EmailChannel,
    private readonly push: PushChannel,
    private readonly webhook: WebhookChannel,
  ) {}

  /** @returns how many were tried. */
  async drain(): Promise<number> {
    for (let total = 0; ; ) {
      const claim = newId();
      const claimed = await this.store.claim(claim, PARALLEL);
      if (claimed.length === 0) return total;
      await Promise.all(together(claimed).map((parcel) => this.attempt(claim, parcel)));
      total += claimed.length;
    }
  }

  /** One of them now. */
  async sendNow(delivery_id: string): Promise<void> {
    const claim = newId();
    for (const parcel of together(await this.store.claimOne(claim, delivery_id))) await this.attempt(claim, parcel);
  }

  private async attempt(claim: string, parcel: Parcel): Promise<void> {
    const [first] = parcel;
    const outcome = await this.send(parcel).catch((error: unknown) => {
      this.log.error({ err: error, delivery_id: first.id, channel: first.channel }, 'a notice could not be sent');
      return DEFECT;
    });
    const wait_ms = outcome.state === 'PENDING' ? pauseAfter(Math.max(...parcel.map((d) => d.attempts)), Math.random()) : 0;
    const last: Outcome = wait_ms === null ? { ...outcome, state: 'FAILED' } : { ...outcome, wait_ms };
    await this.store.settle(
      claim,
      parcel.map(({ id }) => id),
      last,
    );
    if (wait_ms === null && first.webhook_id !== null)
      await this.webhooks.giveUp(first.webhook_id, GIVE_UP_H, {
        code: 'webhook_unreachable',
        sentence: `Nothing has reached it for a day; the last attempt: ${outcome.reason.sentence}`,
      });
  }

  private send(parcel: Parcel): Promise<Outcome> {
    const [first] = parcel;
    if (first.channel === 'email') return this.email.send(parcel);
    return first.channel === 'push' ? this.push.send(first) : this.webhook.send(first);
  }
}

type Parcel = readonly [Claimed, ...Claimed[]];

/** E-mails of one person about one group go out as one, where their kind admits it. */
function together(claimed: readonly Claimed[]): Parcel[] {
  const parcels = new Map<string, [Claimed, ...Claimed[]]>();
  for (const delivery of claimed) {
    const { group, grouped } = noticeKindOf(delivery.kind);
    const key = delivery.channel === 'email' && grouped ? `${delivery.person_id} ${group}` : delivery.id;
    const parcel = parcels.get(key);
    if (parcel) parcel.push(delivery);
    else parcels.set(key, [delivery]);
  }
  return [...parcels.values()];
}
