import type { LinkProps } from '@tanstack/react-router';
import type { Me } from '../http/use-me.js';
import { ADMIN } from '../text/admin.en.js';
import { DEVELOPER } from '../text/developer.en.js';
import { NOTICES } from '../text/notices.en.js';
import { OWNER_NAV } from '../text/owner-nav.en.js';
import { PROFILE } from '../text/profile.en.js';
import { SHELL } from '../text/shell.en.js';
import { VOLUMES } from '../text/volumes.en.js';

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
      { label: DEVELOPER.navigation.overview, to: '/developer', exact: true },
      { label: DEVELOPER.navigation.run, to: '/developer/run' },
      { label: DEVELOPER.navigation.jobs, to: '/developer/jobs' },
      { label: DEVELOPER.navigation.reservations, to: '/developer/reservations' },
      { label: VOLUMES.navigation, to: '/developer/volumes' },
      { label: DEVELOPER.navigation.keys, to: '/developer/keys' },
      { label: DEVELOPER.navigation.funds, to: '/developer/funds' },
      { label: DEVELOPER.navigation.spending, to: '/developer/spending' },
    ],
  },
  { label: SHELL.sections.market, for: 'anyone', entries: [{ label: DEVELOPER.navigation.market, to: '/market' }] },
  {
    label: SHELL.sections.admin,
    for: 'admin',
    entries: [
      { label: ADMIN.navigation.glance, to: '/admin', exact: true },
      { label: ADMIN.navigation.nodes, to: '/admin/nodes' },
      { label: ADMIN.navigation.people, to: '/admin/people' },
      { label: ADMIN.navigation.jobs, to: '/admin/jobs' },
      { label: ADMIN.navigation.money, to: '/admin/money' },
      { label: ADMIN.navigation.objections, to: '/admin/objections' },
      { label: ADMIN.navigation.suspects, to: '/admin/suspects' },
      { label: ADMIN.navigation.log, to: '/admin/log' },
      { label: ADMIN.navigation.settings, to: '/admin/settings' },
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
