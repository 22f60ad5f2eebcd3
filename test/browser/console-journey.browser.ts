// @own-machine: each newcomer has a minute.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { CHROMIUM } from './support/chromium.js';
import { windowOf } from './support/console-pages.js';
import { inChromium } from './support/in-browsers.js';
import { complaints, until } from './support/look.js';

const WITHIN_MS = 60_000;
const PATIENCE_MS = 120_000;
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };
const PASSWORD = 'correct horse battery';
/** So dear that a short task is worth cents. */
const PRICE_MICRO = 500_000_000n;
const OLGA = 'olga@example.org';

/** Says how long somebody took, which is the acceptance, and holds it to the minute. */
function within(who: string, began_ms: number): void {
  const took_ms = Math.round(performance.now() - began_ms);
  console.error(`journey: the ${who} took ${took_ms} ms`);
  expect(took_ms).toBeLessThan(WITHIN_MS);
}

/** The acceptance of the console: each journey by a newcomer, within a minute, without a reload and without a complaint of the browser. */
inChromium('newcomers', () => {
  let broker: TestBroker;
  let admin: TestPerson;
  let browser: Browser;
  let phone: Page;
  beforeAll(async () => {
    broker = await startBroker({
      HEAP_HOLDBACK_SECONDS: '0',
      HEAP_HOLDBACK_NEW_SECONDS: '0',
      HEAP_PAYOUT_MINIMUM_MICRO: '10000',
      HEAP_PAYOUT_COOL_DOWN_SECONDS: '0',
    });
    admin = await broker.person({ name: 'Ada', roles: ['admin', 'owner', 'developer'], funds_micro: 5_000_000_000n });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    expect(await broker.broken()).toEqual([]);
    await broker?.close();
  });

  async function newcomer(options: BrowserContextOptions): Promise<{ page: Page; heard: string[]; loads: () => number }> {
    const page = await (await windowOf(browser, broker, null, { ...options, reducedMotion: 'reduce' })).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    let loads = 0;
    page.on('domcontentloaded', () => {
      loads += 1;
    });
    return { page, heard: complaints(page), loads: () => loads };
  }

  async function signUp(page: Page, name: string, email: string): Promise<void> {
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').first().fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign up' }).click();
  }

  test('an owner signs up, joins by one press, sees the cent arrive, and asks for a payout', async () => {
    const { page, heard, loads } = await newcomer(PHONE);
    phone = page;
    const began_ms = performance.now();
    await page.goto('/');
    await page.getByRole('link', { name: 'Lend this device' }).first().click();
    await page.getByLabel('Your name').fill('Olga');
    await page.getByLabel('E-mail address').fill(OLGA);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Join with this device' }).click();
    // A Chromium without a screen tells nothing about battery and network.
    await page.getByRole('switch', { name: /Work although the browser does not tell/ }).check();
    await page.getByRole('heading', { name: 'Waiting for work' }).waitFor();
    const hours = [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from_hour: 0, to_hour: 24, price_micro: String(PRICE_MICRO) }];
    expect((await page.request.put('/v1/rules', { data: { hours } })).status()).toBe(200);
    const values: unknown[] = [];
    const inputs = Array.from({ length: 20 }, (_, i) => i);
    for await (const { value } of admin.heap.map((n: number) => n * n, inputs, { maxPrice: PRICE_MICRO * 2n, budget: 900_000_000n }))
      values.push(value);
    expect(values).toHaveLength(inputs.length);
    // The cent, in the ring.
    await until(page, `/\\$(0\\.0[1-9]|0\\.[1-9]|[1-9])/.test(document.querySelector('h1 + p')?.textContent ?? '')`);
    expect(loads()).toBe(2);
    const opened = page.waitForEvent('popup');
    await page.getByRole('link', { name: 'Earnings and payouts' }).click();
    const console_page = await opened;
    console_page.setDefaultTimeout(PATIENCE_MS);
    const heard_there = complaints(console_page);
    await console_page.getByRole('button', { name: 'Ask for a payout' }).click();
    await console_page.getByRole('article').filter({ hasText: 'PAID' }).waitFor();
    within('owner', began_ms);
    expect([...heard, ...heard_there]).toEqual([]);
    // Back to work for whoever comes next, at a price that anybody pays.
    await page.request.put('/v1/rules', { data: { hours: [] } });
    await page.goto('/join');
    await page.getByRole('heading', { name: 'Waiting for work' }).waitFor();
  }, 240_000);

  test('a developer signs up, runs an example from the page, and sees results arrive and the picture', async () => {
    const { page, heard, loads } = await newcomer(DESK);
    const began_ms = performance.now();
    await page.goto('/sign-up?back=/developer/run');
    await signUp(page, 'Devi', 'devi@example.org');
    await page.getByRole('heading', { name: 'Run something' }).waitFor();
    await page.getByRole('button', { name: /Add \$5\.00 of simulated money/ }).click();
    await page.getByText(/At most \$/).waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('img', { name: /pixels, \d+ of 48 tiles/ }).waitFor();
    await page.getByRole('img', { name: '48 of 48 tiles' }).waitFor();
    within('developer', began_ms);
    expect(loads()).toBe(1);
    expect(heard).toEqual([]);
  }, 240_000);

  test('an admin sees both', async () => {
    const page = await (await windowOf(browser, broker, admin, DESK)).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const heard = complaints(page);
    const began_ms = performance.now();
    await page.goto('/admin/nodes');
    await page.getByText('Olga').first().waitFor();
    await page.goto('/admin/people');
    await page.getByText('devi@example.org').first().waitFor();
    await page.getByText(OLGA).first().waitFor();
    within('admin', began_ms);
    expect(heard).toEqual([]);
    await phone.close();
  }, 240_000);
});
