import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import type { TestBroker, TestPerson } from '../../support/broker.js';
import type { Demonstration } from './demonstration.js';

/** Who looks at a page. */
export type Viewer = 'anyone' | 'owner' | 'developer' | 'admin';

export interface ConsolePage {
  /** Names its pictures, too. */
  name: string;
  as: Viewer;
  path: string | ((heap: Demonstration) => string);
  /** Drawn for docs/screens. */
  drawn?: boolean;
}

/** Every page of the console, of which the tests look at each and `npm run draw:screens` draws those that are marked. */
export const CONSOLE_PAGES: readonly ConsolePage[] = [
  { name: 'front', as: 'anyone', path: '/', drawn: true },
  { name: 'prices', as: 'anyone', path: '/prices', drawn: true },
  { name: 'sign-in', as: 'anyone', path: '/sign-in', drawn: true },
  { name: 'sign-up', as: 'anyone', path: '/sign-up' },
  { name: 'docs', as: 'anyone', path: '/docs', drawn: true },
  { name: 'guide', as: 'anyone', path: '/docs/guides/market', drawn: true },
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
