import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import type { TestBroker, TestPerson } from '../../support/broker.js';
import type { Demonstration } from './demonstration.js';

/** Who looks at a page. */
export type Viewer = 'anyone' | 'owner' | 'developer' | 'admin';

export interface ConsolePage {
  /** Names its pictures, too. */
  name: string;
  /** What the list in README.md calls it. */
  title: string;
  as: Viewer;
  path: string | ((heap: Demonstration) => string);
  /** Drawn for docs/screens. */
  drawn?: boolean;
}

/** Every page of the console, of which the tests look at each and `npm run draw:screens` draws those that are marked. */
export const CONSOLE_PAGES: readonly ConsolePage[] = [
  { name: 'front', title: 'Front page', as: 'anyone', path: '/', drawn: true },
  { name: 'prices', title: 'Prices', as: 'anyone', path: '/prices', drawn: true },
  { name: 'sign-in', title: 'Signing in', as: 'anyone', path: '/sign-in', drawn: true },
  { name: 'sign-up', title: 'Signing up', as: 'anyone', path: '/sign-up' },
  { name: 'docs', title: 'Documentation', as: 'anyone', path: '/docs', drawn: true },
  { name: 'guide', title: 'A guide', as: 'anyone', path: '/docs/guides/market', drawn: true },
  { name: 'owner-devices', title: 'Devices', as: 'owner', path: '/owner', drawn: true },
  { name: 'owner-device', title: 'A device and its rules', as: 'owner', path: ({ node_id }) => `/owner/devices/${node_id}`, drawn: true },
  {
    name: 'owner-keeper',
    title: 'A device that keeps files of others',
    as: 'owner',
    path: ({ keeper_id }) => `/owner/devices/${keeper_id}`,
    drawn: true,
  },
  { name: 'owner-add', title: 'Adding devices', as: 'owner', path: '/owner/add', drawn: true },
  { name: 'owner-rules', title: 'Rules for new devices', as: 'owner', path: '/owner/rules', drawn: true },
  { name: 'owner-earnings', title: 'Earnings', as: 'owner', path: '/owner/earnings', drawn: true },
  { name: 'owner-payouts', title: 'Payouts', as: 'owner', path: '/owner/payouts', drawn: true },
  { name: 'owner-statements', title: 'Statements', as: 'owner', path: '/owner/statements', drawn: true },
  {
    name: 'owner-statement',
    title: 'A statement',
    as: 'owner',
    path: () => `/owner/statements/owner-${new Date().toISOString().slice(0, 7)}`,
  },
  { name: 'owner-consents', title: 'What devices may be used for', as: 'owner', path: '/owner/consents', drawn: true },
  { name: 'owner-penalties', title: 'Penalties', as: 'owner', path: '/owner/penalties', drawn: true },
  { name: 'developer', title: 'Where a developer begins', as: 'developer', path: '/developer', drawn: true },
  { name: 'developer-run', title: 'Running something', as: 'developer', path: '/developer/run', drawn: true },
  { name: 'developer-jobs', title: 'Jobs', as: 'developer', path: '/developer/jobs', drawn: true },
  { name: 'developer-job', title: 'A job', as: 'developer', path: ({ job_id }) => `/developer/jobs/${job_id}`, drawn: true },
  {
    name: 'developer-job-checked',
    title: 'A job, how it was checked',
    as: 'developer',
    path: ({ checked_job_id }) => `/developer/jobs/${checked_job_id}?tab=checks`,
    drawn: true,
  },
  {
    name: 'developer-job-verified',
    title: 'A job with a verifier of its developer’s own',
    as: 'developer',
    path: ({ verified_job_id }) => `/developer/jobs/${verified_job_id}?tab=checks`,
    drawn: true,
  },
  { name: 'developer-keys', title: 'API keys', as: 'developer', path: '/developer/keys', drawn: true },
  { name: 'developer-funds', title: 'Balance and deposits', as: 'developer', path: '/developer/funds', drawn: true },
  { name: 'developer-spending', title: 'Spending', as: 'developer', path: '/developer/spending', drawn: true },
  { name: 'developer-reservations', title: 'Reservations', as: 'developer', path: '/developer/reservations', drawn: true },
  { name: 'developer-volumes', title: 'Volumes', as: 'developer', path: '/developer/volumes', drawn: true },
  {
    name: 'developer-volume',
    title: 'A volume and its health',
    as: 'developer',
    path: ({ volume_id }) => `/developer/volumes/${volume_id}`,
    drawn: true,
  },
  { name: 'market', title: 'Markets', as: 'anyone', path: '/market', drawn: true },
  { name: 'market-one', title: 'A market', as: 'anyone', path: '/market/work:micro', drawn: true },
  { name: 'round', title: 'A round', as: 'anyone', path: ({ round_id }) => `/market/rounds/${round_id}` },
  { name: 'admin', title: 'The heap at a glance', as: 'admin', path: '/admin', drawn: true },
  { name: 'admin-nodes', title: 'All devices', as: 'admin', path: '/admin/nodes', drawn: true },
  { name: 'admin-node', title: 'A device, seen by an admin', as: 'admin', path: ({ node_id }) => `/admin/nodes/${node_id}`, drawn: true },
  { name: 'admin-people', title: 'People', as: 'admin', path: '/admin/people', drawn: true },
  {
    name: 'admin-person',
    title: 'A person, seen by an admin',
    as: 'admin',
    path: ({ developer }) => `/admin/people/${developer.person_id}`,
  },
  { name: 'admin-jobs', title: 'All jobs', as: 'admin', path: '/admin/jobs', drawn: true },
  { name: 'admin-job', title: 'A job, seen by an admin', as: 'admin', path: ({ job_id }) => `/admin/jobs/${job_id}` },
  { name: 'admin-money', title: 'The heap’s money', as: 'admin', path: '/admin/money', drawn: true },
  { name: 'admin-objections', title: 'Objections', as: 'admin', path: '/admin/objections', drawn: true },
  { name: 'admin-suspects', title: 'Suspects', as: 'admin', path: '/admin/suspects', drawn: true },
  { name: 'admin-log', title: 'Log of what admins did', as: 'admin', path: '/admin/log', drawn: true },
  { name: 'admin-settings', title: 'Configuration', as: 'admin', path: '/admin/settings', drawn: true },
  { name: 'profile', title: 'A profile', as: 'owner', path: '/account' },
  { name: 'security', title: 'Passwords, passkeys and sign-ins', as: 'owner', path: '/account/security', drawn: true },
  { name: 'notifications', title: 'What reaches you how', as: 'owner', path: '/account/notifications', drawn: true },
  { name: 'webhooks', title: 'Webhooks', as: 'developer', path: '/account/webhooks', drawn: true },
  { name: 'unsubscribe', title: 'The end of mails of a kind', as: 'anyone', path: '/unsubscribe?token=a' },
  { name: 'confirm-address', title: 'An address is confirmed', as: 'anyone', path: '/confirm-address?token=a' },
];

export const pathOf = ({ path }: ConsolePage, heap: Demonstration): string => (typeof path === 'string' ? path : path(heap));

/** A window of a browser in which a person is signed in; nobody without one. */
export async function windowOf(
  browser: Browser,
  broker: TestBroker,
  person: TestPerson | null,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: broker.url, ...options });
  if (person === null) return context;
  const { email, password } = person;
  const answer = await context.request.post('/api/auth/sign-in/email', { data: { email, password } });
  if (!answer.ok()) throw new Error(`signing ${email} in was answered ${answer.status()}: ${await answer.text()}`);
  return context;
}

export const viewerOf = (viewer: Viewer, heap: Demonstration): TestPerson | null => (viewer === 'anyone' ? null : heap[viewer]);
