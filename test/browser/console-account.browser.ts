import { type Browser, chromium, type Page } from 'playwright-core';
import { call } from '../support/api.js';
import { startBroker, type TestBroker } from '../support/broker.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { CHROMIUM } from './support/chromium.js';
import { inChromium } from './support/in-browsers.js';
import { complaints } from './support/look.js';

const EMAIL = 'ada@example.org';
const PASSWORD = 'correct horse battery';
const SECOND_PASSWORD = 'another correct horse';

inChromium('an account in the console', () => {
  let broker: TestBroker;
  let proxy: TcpProxy;
  let browser: Browser;
  let page: Page;
  let heard: string[];
  beforeAll(async () => {
    broker = await startBroker({ HEAP_ROLES: 'api' });
    proxy = await TcpProxy.start(Number(new URL(broker.url).port));
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    // A bare address of a machine is nothing that a passkey can be for.
    page = await (await browser.newContext({ baseURL: `http://localhost:${proxy.port}` })).newPage();
    heard = complaints(page);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await proxy?.close();
    await broker?.close();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const dialog = () => page.getByRole('dialog', { name: 'Is it you?' });
  const passkeyRow = (name: string) => button(`Remove: ${name}`);
  /** Nobody has proven anything for a while. */
  const age = () => broker.sql("UPDATE session SET created_at = now() - interval '1 hour', proven_at = NULL");
  const signOut = async () => {
    await button('Ada').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
  };
  const signInElsewhere = async (password: string) =>
    (await call(broker.url, 'POST', '/api/auth/sign-in/email', { body: { email: EMAIL, password } })).body.token as string;

  test('somebody makes an account for their devices', async () => {
    await page.goto('/sign-up?back=/account/security');
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('E-mail address').fill(EMAIL);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByLabel('Earn with my devices').check();
    await button('Sign up').click();
    await page.getByRole('heading', { name: 'Security', level: 1 }).waitFor();
    const [person] = await broker.sql<{ roles: string }>('SELECT roles::text FROM person WHERE email = $1', [EMAIL]);
    // The first of a heap is its admin.
    expect(person?.roles).toBe('{owner,admin}');
  }, 60_000);

  test('adds a passkey, names it anew, and signs in with it alone', async () => {
    await page.getByLabel('Name of the new passkey').fill('Laptop');
    await button('Add a passkey').click();
    await passkeyRow('Laptop').waitFor();
    await button('Rename: Laptop').click();
    await page.getByLabel('New name').fill('Old laptop');
    await button('Save the name').click();
    await passkeyRow('Old laptop').waitFor();
    await signOut();
    await page.goto('/sign-in?back=/account/security');
    await button('Sign in with a passkey').click();
    await passkeyRow('Old laptop').waitFor();
  }, 60_000);

  test('proves again who they are, by the passkey or by the password, before a passkey is added or removed', async () => {
    await age();
    await page.getByLabel('Name of the new passkey').fill('Second');
    await button('Add a passkey').click();
    await dialog().getByRole('button', { name: 'Use a passkey' }).click();
    // The one device has a passkey of this account already: the deed was done, and the device said so.
    await page.getByText('There is a passkey of yours on this device already.').waitFor();
    expect(await broker.sql('SELECT 1 FROM session')).toHaveLength(1);
    await age();
    await passkeyRow('Old laptop').click();
    await dialog().getByLabel('Your password').fill('wrong horse battery');
    await dialog().getByRole('button', { name: 'Go on' }).click();
    await dialog().getByText('This is not your password.').waitFor();
    await dialog().getByLabel('Your password').fill(PASSWORD);
    await dialog().getByRole('button', { name: 'Go on' }).click();
    await page.getByText('You have no passkey yet.').waitFor();
  }, 60_000);

  test('is asked the same way wherever a deed wants a proof; who closes the dialog has done nothing', async () => {
    await age();
    await page.goto('/owner/payouts');
    await button('Connect a bank account').click();
    await dialog().getByLabel('Your password').press('Escape');
    await page.getByText('step_up.forbidden').waitFor();
    expect(await broker.sql('SELECT 1 FROM payout_account')).toHaveLength(0);
    await button('Connect a bank account').click();
    await dialog().getByLabel('Your password').fill(PASSWORD);
    const done = page.waitForResponse((answer) => answer.url().endsWith('/v1/payout-account') && answer.request().method() === 'POST');
    await dialog().getByRole('button', { name: 'Go on' }).click();
    expect((await done).ok()).toBe(true);
    expect(await broker.sql('SELECT 1 FROM payout_account')).toHaveLength(1);
    await page.goto('/account/security');
  }, 60_000);

  test('sees another sign-in as it happens, and ends it', async () => {
    await page.getByLabel('Live.').waitFor();
    const elsewhere = await signInElsewhere(PASSWORD);
    await button('Sign out: node').click();
    await button('Sign out: node').waitFor({ state: 'detached' });
    expect((await call(broker.url, 'GET', '/v1/me', { token: elsewhere })).status).toBe(401);
  }, 60_000);

  test('has another password, and everywhere else is signed out', async () => {
    const elsewhere = await signInElsewhere(PASSWORD);
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByLabel('New password').fill(SECOND_PASSWORD);
    await button('Change the password').click();
    await page.getByText('The password is changed.').waitFor();
    expect((await call(broker.url, 'GET', '/v1/me', { token: elsewhere })).status).toBe(401);
    await page.getByLabel('Live.').waitFor();
    // Refused on purpose: five wrong proofs or a passkey that is there are answers like others.
    expect(heard.filter((line) => !line.includes('status of 403'))).toEqual([]);
  }, 60_000);

  test('sees what happened while the network was away, without loading the page again', async () => {
    await page.evaluate('window.sameLoad = true');
    proxy.refuses = true;
    proxy.reset();
    await page.getByLabel(/^(Catching up|Offline)\./).waitFor();
    const elsewhere = await signInElsewhere(SECOND_PASSWORD);
    await page.getByLabel(/^Offline\./).waitFor();
    proxy.refuses = false;
    await button('Sign out: node').waitFor();
    await page.getByLabel('Live.').waitFor();
    expect(await page.evaluate('window.sameLoad')).toBe(true);
    expect((await call(broker.url, 'GET', '/v1/me', { token: elsewhere })).status).toBe(200);
  }, 120_000);

  test('signs out everywhere', async () => {
    const done = page.waitForResponse((answer) => answer.url().endsWith('/v1/sessions/end'));
    await button('Sign out everywhere').click();
    expect((await done).ok()).toBe(true);
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
    expect(await broker.sql('SELECT 1 FROM session')).toHaveLength(0);
  }, 60_000);
});
