import { Inject, Injectable } from '@nestjs/common';
import {
  NOTICE_CHANNELS,
  NOTICE_GROUP_NAMES,
  NOTICE_GROUPS,
  NOTICE_KIND_NAMES,
  type NoticeChoicesView,
  type NoticeGroup,
  type NoticeView,
  noticeKindOf,
  noticeText,
  type QuietHours,
} from '#protocol';
import { HeapError } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import type { PersonCaller } from '../platform/http/caller.js';
import { Mailer } from '../platform/mail/mailer.js';
import { type Choice, ChoicesStore } from './choices.store.js';
import { NoticeKey } from './notice-key.js';
import { linkTooOld } from './notices.errors.js';
import { NoticesChanged } from './notices.events.js';
import { type NoticeRow, NoticesStore, type Reach } from './notices.store.js';
import { PushStore } from './push.store.js';
import { PushKey } from './push-key.js';
import { goesBy, isFixed } from './writer.service.js';

/** The feed of a person, and what reaches them how. */
@Injectable()
export class NoticesService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly notices: NoticesStore,
    private readonly choices: ChoicesStore,
    private readonly browsers: PushStore,
    private readonly mailer: Mailer,
    private readonly push_key: PushKey,
    private readonly key: NoticeKey,
    private readonly bus: EventBus,
  ) {}

  async page(
    person_id: string,
    { before, unread, limit }: { before?: string | undefined; unread?: 'true' | 'false' | undefined; limit: number },
  ): Promise<{ notices: NoticeView[]; unread: number; next: string | null }> {
    const rows = await this.notices.page(person_id, { before: before ?? null, unread: unread === 'true', limit });
    return {
      notices: rows.flatMap((row) => viewOf(row, this.config.currency)),
      unread: await this.notices.unread(person_id),
      next: rows.length === limit ? (rows.at(-1)?.id ?? null) : null,
    };
  }

  async read(person_id: string, { ids = [], up_to }: { ids?: readonly string[] | undefined; up_to?: string | undefined }): Promise<number> {
    if (await this.notices.read(person_id, { ids, up_to: up_to ?? null })) this.bus.publish(NoticesChanged, { person_ids: [person_id] });
    return this.notices.unread(person_id);
  }

  async choicesOf({ person_id, roles }: PersonCaller): Promise<NoticeChoicesView> {
    const [reach] = await this.notices.reachOf([person_id]);
    if (!reach) throw new HeapError('unauthenticated', 'The person these credentials belong to is no longer here.', 'user');
    const groups = NOTICE_GROUP_NAMES.filter((group) => {
      const role = NOTICE_GROUPS[group].for;
      return role === null || roles.includes(role);
    });
    return {
      groups: groups.map((group) => groupOf(group, reach)),
      quiet_hours: reach.quiet_hours,
      email: { address: reach.email, confirmed: reach.email_verified, reason: this.whyNoMail(reach) },
      push: {
        public_key: this.push_key.public_key,
        browsers: (await this.browsers.list(person_id)).map(({ id, name, created_at, last_sent_at }) => ({
          push_id: id,
          name,
          created_at: created_at.toISOString(),
          last_sent_at: last_sent_at?.toISOString() ?? null,
        })),
      },
    };
  }

  async choose(person: PersonCaller, choices: readonly Choice[], quiet: QuietHours | null | undefined): Promise<NoticeChoicesView> {
    // What is fixed stays on, whatever is asked: an older page may still send it.
    const free = choices.filter(({ group, channel }) => !isFixed(group, channel));
    await this.choices.put(person.person_id, free, quiet);
    return this.choicesOf(person);
  }

  /** By the token of a mail, which opens nothing else. @throws HeapError `notice_link.gone` */
  async unsubscribe(token: string): Promise<{ group: NoticeGroup; title: string }> {
    const [person_id, group] = this.key.read('unsubscribe', token) ?? [];
    if (typeof person_id !== 'string' || !isGroup(group)) throw linkTooOld();
    if (!isFixed(group, 'email')) await this.choices.put(person_id, [{ group, channel: 'email', on: false }], undefined);
    return { group, title: NOTICE_GROUPS[group].title };
  }

  private whyNoMail({ email, email_verified }: Reach): { code: string; sentence: string } | null {
    if (this.mailer.trouble) return { code: this.mailer.trouble.code, sentence: this.mailer.trouble.message };
    if (email.endsWith('.invalid'))
      return { code: 'address_of_this_machine', sentence: 'This account belongs to a machine and has no address of mail.' };
    if (email_verified) return null;
    return {
      code: 'address_not_confirmed',
      sentence: 'Until you confirm your address, only what concerns the security of your account is mailed there.',
    };
  }
}

const isGroup = (group: unknown): group is NoticeGroup => NOTICE_GROUP_NAMES.includes(group as NoticeGroup);

function groupOf(group: NoticeGroup, { choices }: Reach): NoticeChoicesView['groups'][number] {
  const kinds = NOTICE_KIND_NAMES.filter((name) => noticeKindOf(name).group === group && name !== 'webhook.test');
  return {
    group,
    title: NOTICE_GROUPS[group].title,
    kinds,
    channels: NOTICE_CHANNELS.map((channel) => ({
      channel,
      on: kinds.some((name) => goesBy(noticeKindOf(name), channel, choices)),
      fixed: isFixed(group, channel),
    })),
  };
}

/** One that this version cannot read, written by another one, is passed over. */
function viewOf({ id, kind, params, created_at, read_at }: NoticeRow, currency: string): NoticeView[] {
  const { group, severity, params: shape } = noticeKindOf(kind);
  if (!shape.safeParse(params).success) return [];
  const times = { created_at: created_at.toISOString(), read_at: read_at?.toISOString() ?? null };
  return [{ notice_id: id, kind, group, severity, ...noticeText(kind, params, currency), params, ...times }];
}
