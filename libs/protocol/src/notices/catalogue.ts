import { developerNotices } from './for-developers.js';
import { adminNotices, securityNotices, webhookNotices } from './for-everybody.js';
import { ownerNotices } from './for-owners.js';
import type { NoticeKind } from './kind.js';

/** Every kind of notice there is. */
export const NOTICE_KINDS = {
  ...securityNotices,
  ...ownerNotices,
  ...developerNotices,
  ...adminNotices,
  ...webhookNotices,
} as const;
export type NoticeKindName = keyof typeof NOTICE_KINDS;
export const NOTICE_KIND_NAMES = Object.keys(NOTICE_KINDS) as [NoticeKindName, ...NoticeKindName[]];

export const isNoticeKind = (name: string): name is NoticeKindName => Object.hasOwn(NOTICE_KINDS, name);
export const noticeKindOf = (name: NoticeKindName): NoticeKind => NOTICE_KINDS[name] as unknown as NoticeKind;

export interface NoticeText {
  title: string;
  sentence: string;
  link: string;
}

/** What a notice says. @throws ZodError for parameters that are not its kind's. */
export function noticeText(name: NoticeKindName, params: unknown, currency: string): NoticeText {
  const kind = noticeKindOf(name);
  const parsed = kind.params.parse(params);
  return { title: kind.title(parsed, currency), sentence: kind.sentence(parsed, currency), link: kind.link(parsed) };
}
