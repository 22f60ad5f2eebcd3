import { Module } from '@nestjs/common';
import { MailModule } from '../platform/mail/mail.module.js';
import { OutwardModule } from '../platform/outward/outward.module.js';
import { QueueModule } from '../platform/queue/queue.module.js';
import { AddressesService } from './addresses.service.js';
import { ChoicesStore } from './choices.store.js';
import { DeliveriesService } from './deliveries.service.js';
import { DeliveriesStore } from './deliveries.store.js';
import { EmailChannel } from './email.channel.js';
import { NoticeKey } from './notice-key.js';
import { NoticesController } from './notices.controller.js';
import { DELIVERIES_QUEUE, DeliveriesProcessor, FORGET, LOOK, NOTICES_QUEUE, NoticesProcessor, SEND } from './notices.processor.js';
import { NoticesService } from './notices.service.js';
import { NoticesStore } from './notices.store.js';
import { PushChannel } from './push.channel.js';
import { PushService } from './push.service.js';
import { PushStore } from './push.store.js';
import { PushKey } from './push-key.js';
import { WatchesService } from './watches.service.js';
import { WatchesStore } from './watches.store.js';
import { WebhookChannel } from './webhook.channel.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';
import { WebhooksStore } from './webhooks.store.js';
import { NoticeWriter } from './writer.service.js';

/** What the heap tells people, on the page, by e-mail, by web push and to their own servers. */
@Module({
  imports: [
    MailModule,
    OutwardModule,
    QueueModule.forQueue({
      name: NOTICES_QUEUE,
      repeats: [
        { job: LOOK, every_ms: 3_000 },
        { job: FORGET, every_ms: 3_600_000 },
      ],
    }),
    QueueModule.forQueue({ name: DELIVERIES_QUEUE, repeats: [{ job: SEND, every_ms: 5_000 }] }),
  ],
  controllers: [NoticesController, WebhooksController],
  providers: [
    AddressesService,
    ChoicesStore,
    DeliveriesProcessor,
    DeliveriesService,
    DeliveriesStore,
    EmailChannel,
    NoticeKey,
    NoticesProcessor,
    NoticesService,
    NoticesStore,
    NoticeWriter,
    PushChannel,
    PushKey,
    PushService,
    PushStore,
    WatchesService,
    WatchesStore,
    WebhookChannel,
    WebhooksService,
    WebhooksStore,
  ],
})
export class NoticesModule {}
