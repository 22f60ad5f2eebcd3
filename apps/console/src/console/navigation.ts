import type { LinkProps } from '@tanstack/react-router';
import type { Me } from '../http/use-me.js';
import { ADMIN_NAV, DEVELOPER_NAV } from '../text/areas-nav.en.js';
import { NOTICES } from '../text/notices.en.js';
import { OWNER_NAV } from '../text/owner-nav.en.js';
import { PROFILE } from '../text/profile.en.js';
import { SHELL } from '../text/shell.en.js';

export interface Entry {
  label: string;
  to: NonNullable<LinkProps['to']>;
  /** Only the path itself is the entry's page, not what lies below it. */
  exact?: boolean;
}
export interface Section {
  label: string;
  /** Who sees it: everybody, everybody who is signed in, or people with a role. */
  for: 'anyone' | 'person' | Me['roles'][number];
  entries: readonly Entry[];
}

const OWNER_ENTRIES: readonly Entry[] = [
  { label: OWNER_NAV.devices, to: '/owner', exact: true },
  { label: OWNER_NAV.add, to: '/owner/add' },
  { label: OWNER_NAV.earnings, to: '/owner/earnings' },
  { label: OWNER_NAV.payouts, to: '/owner/payouts' },
  { label: OWNER_NAV.statements, to: '/owner/statements' },
  { label: OWNER_NAV.rules, to: '/owner/rules' },
  { label: OWNER_NAV.consents, to: '/owner/consents' },
  { label: OWNER_NAV.penalties, to: '/owner/penalties' },
];

/** The side of the console, in the order in which it is drawn. */
export const NAVIGATION: readonly Section[] = [
  { label: SHELL.sections.owner, for: 'owner', entries: OWNER_ENTRIES },
  {
    label: SHELL.sections.developer,
    for: 'developer',
    entries: [
      { label: DEVELOPER_NAV.overview, to: '/developer', exact: true },
      { label: DEVELOPER_NAV.run, to: '/developer/run' },
      { label: DEVELOPER_NAV.jobs, to: '/developer/jobs' },
      { label: DEVELOPER_NAV.reservations, to: '/developer/reservations' },
      { label: DEVELOPER_NAV.volumes, to: '/developer/volumes' },
      { label: DEVELOPER_NAV.keys, to: '/developer/keys' },
      { label: DEVELOPER_NAV.funds, to: '/developer/funds' },
      { label: DEVELOPER_NAV.spending, to: '/developer/spending' },
    ],
  },
  { label: SHELL.sections.market, for: 'anyone', entries: [{ label: DEVELOPER_NAV.market, to: '/market' }] },
  {
    label: SHELL.sections.admin,
    for: 'admin',
    entries: [
      { label: ADMIN_NAV.glance, to: '/admin', exact: true },
      { label: ADMIN_NAV.nodes, to: '/admin/nodes' },
      { label: ADMIN_NAV.people, to: '/admin/people' },
      { label: ADMIN_NAV.jobs, to: '/admin/jobs' },
      { label: ADMIN_NAV.money, to: '/admin/money' },
      { label: ADMIN_NAV.objections, to: '/admin/objections' },
      { label: ADMIN_NAV.suspects, to: '/admin/suspects' },
      { label: ADMIN_NAV.log, to: '/admin/log' },
      { label: ADMIN_NAV.settings, to: '/admin/settings' },
    ],
  },
  {
    label: SHELL.sections.account,
    for: 'person',
    entries: [
      { label: PROFILE.entries.profile, to: '/account', exact: true },
      { label: PROFILE.entries.security, to: '/account/security' },
      { label: NOTICES.page.title, to: '/account/notifications' },
      { label: NOTICES.webhooks.title, to: '/account/webhooks' },
    ],
  },
];

export const sectionsOf = (me: Me | null): Section[] =>
  NAVIGATION.filter(
    ({ for: who, entries }) => entries.length > 0 && (who === 'anyone' || (me !== null && (who === 'person' || me.roles.includes(who)))),
  );
