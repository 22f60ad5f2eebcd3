import * as z from 'zod';
import type { Role } from '../http/route.js';

/** What people choose channels for. Security is everybody's and cannot be switched off for e-mail. */
export const NOTICE_GROUPS = {
  security: { title: 'Security of your account', for: null },
  devices: { title: 'Your devices', for: 'owner' },
  earnings: { title: 'Earnings and payouts', for: 'owner' },
  standing: { title: 'Warnings, penalties and appeals', for: 'owner' },
  jobs: { title: 'Your jobs and reservations', for: 'developer' },
  funds: { title: 'Your balance', for: 'developer' },
  heap: { title: 'The heap itself', for: 'admin' },
  webhooks: { title: 'Your webhooks', for: null },
} as const satisfies Record<string, { title: string; for: Exclude<Role, 'public'> | null }>;
export type NoticeGroup = keyof typeof NOTICE_GROUPS;
export const NOTICE_GROUP_NAMES = Object.keys(NOTICE_GROUPS) as [NoticeGroup, ...NoticeGroup[]];

/** How a notice reaches a person. Webhooks choose their kinds themselves. */
export const NOTICE_CHANNELS = ['page', 'email', 'push'] as const;
export type NoticeChannel = (typeof NOTICE_CHANNELS)[number];

/** `urgent` wakes people in their quiet hours. */
export const NOTICE_SEVERITIES = ['info', 'good', 'warning', 'urgent'] as const;
export type NoticeSeverity = (typeof NOTICE_SEVERITIES)[number];

/** One kind of notice, as data. */
export interface NoticeKind<S extends z.ZodRawShape = z.ZodRawShape> {
  group: NoticeGroup;
  severity: NoticeSeverity;
  /** Where it goes unless the person chose otherwise; the page has every notice. */
  by_default: readonly NoticeChannel[];
  /** Several of its group may come as one e-mail. */
  grouped: boolean;
  params: z.ZodObject<S>;
  title: (params: z.output<z.ZodObject<S>>, currency: string) => string;
  /** What happened, who is concerned and what to do, if anything. */
  sentence: (params: z.output<z.ZodObject<S>>, currency: string) => string;
  /** A path of the console. */
  link: (params: z.output<z.ZodObject<S>>) => string;
}

type Definition<S extends z.ZodRawShape> = Omit<NoticeKind<S>, 'params'> & { params: S };

export const noticeKind = <S extends z.ZodRawShape>({ params, ...rest }: Definition<S>): NoticeKind<S> => ({
  ...rest,
  params: z.object(params),
});
