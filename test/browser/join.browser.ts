import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { CHROMIUM } from './support/chromium.js';
import { inChromium } from './support/in-browsers.js';
import { complaints, seriousFaults, until } from './support/look.js';
import { startNewVersions } from './support/new-versions.js';

const PATIENCE_MS = 60_000;
/** Per 10¹² fuel: so much that a second's work is thousandths of a cent, whatever electricity costs. */
const PRICE_MICRO = 1_000_000n;

inChromium('a browser', () => {
  let broker: TestBroker;
  let owner: TestPerson;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    broker = await startBroker();
    owner = await broker.person({ name: 'Olga', roles: ['owner'], funds_micro: 0n });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  }, 300_000);
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await broker?.close();
  });

  async function open(url: string): Promise<{ page: Page; heard: string[] }> {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    contexts.push(context);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const heard = complaints(page);
    await page.goto(url);
    return { page, heard };
  }

  const join = async (page: Page) => {
    await page.getByRole('button', { name: 'Join with this device' }).click();
    // A Chromium without a screen tells nothing about battery and network.
    await page.getByRole('switch', { name: /Work although the browser does not tell/ }).check();
    await page.getByRole('heading', { name: 'Waiting for work' }).waitFor();
  };

  test('comes by a link, earns, is held, and leaves', async () => {
    const hours = [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from_hour: 0, to_hour: 24, price_micro: String(PRICE_MICRO) }];
    expect((await owner.call('PUT', '/v1/rules', { hours })).status).toBe(200);
    const { join_url } = await owner.heap.enrolmentCode();
    const { page, heard } = await open(join_url);
    await join(page);
    const developer = await broker.person({ name: 'Dev', funds_micro: 100_000_000n });
    const spin = (n: number) => {
      let x = 0;
      for (let i = 0; i < n; i++) x = (x * 31 + i) % 1000003;
      return x;
    };
    const values: unknown[] = [];
    for await (const { value } of developer.heap.map(spin, [300_000, 300_000, 300_000], { maxPrice: PRICE_MICRO * 2n, budget: '50' }))
      values.push(value);
    expect(new Set(values).size).toBe(1);
    const today = page.getByText('earned today').locator('..').getByText(/^\$/).first();
    await until(page, `/[1-9]/.test(document.querySelector('h1 + p')?.textContent ?? '')`);
    expect(await today.textContent()).toMatch(/^\$0\.\d*[1-9]/);
    expect(await seriousFaults(page)).toEqual([]);

    await page.getByRole('button', { name: 'Hold now' }).click();
    await page.getByRole('heading', { name: 'On hold' }).waitFor();
    await page.getByRole('button', { name: 'Go on working' }).click();
    await page.getByRole('heading', { name: 'Waiting for work' }).waitFor();

    await page.getByRole('button', { name: 'Stop and leave' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop and leave' }).click();
    await page.getByRole('heading', { name: 'This device has left' }).waitFor();
    expect(await owner.heap.nodes()).toEqual([]);
    expect(heard.filter((line) => /Content Security Policy|Error/.test(line))).toEqual([]);
    expect(await broker.broken()).toEqual([]);
  }, 240_000);

  test('without an account makes one with the same press, and says what its owner admits', async () => {
    const { page } = await open(`${broker.url}/join`);
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('E-mail address').fill('ada@example.org');
    await page.getByLabel('Password').fill('correct horse');
    await join(page);
    const mining = page.getByRole('switch', { name: /Mining/ });
    expect([await mining.isChecked(), await page.getByRole('switch', { name: /Simulation/ }).isChecked()]).toEqual([false, true]);
    await mining.check();
    await page.getByText('Saved.').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Waiting for work' }).waitFor();
    await until(
      page,
      `[...document.querySelectorAll('label')].some((l) => l.textContent.startsWith('Mining') && l.querySelector('input').checked)`,
    );
  }, 180_000);

  test('is invited by a code on another screen, which makes the next one when it is used', async () => {
    const { page: screen, heard } = await open(`${broker.url}/join/invite`);
    await screen.getByRole('button', { name: 'I need an account' }).click();
    await screen.getByLabel('Your name').fill('Berta');
    await screen.getByLabel('E-mail address').fill('berta@example.org');
    await screen.getByLabel('Password').fill('correct horse');
    await screen.getByRole('button', { name: 'Go on' }).click();
    await screen.getByRole('img', { name: /QR code/ }).waitFor();
    await screen.getByText(/Holds once, for another (9:[345]\d|9:50)/).waitFor();
    await screen.getByText('This link opens on this machine only').waitFor();
    const command = async () => (await screen.locator('code').textContent()) ?? '';
    const code = /agent (\S+)/.exec(await command())?.[1] ?? '';
    expect(await seriousFaults(screen)).toEqual([]);
    const { page } = await open(`${broker.url}/join#${code}`);
    await join(page);
    await screen.getByText('has joined. Here is a code for the next one.').waitFor();
    expect(await command()).not.toContain(code);
    expect(heard).toEqual([]);
  }, 180_000);

  test('opens the page without a network, and takes a new version when nothing is under way', async () => {
    const versions = await startNewVersions(broker.url);
    try {
      const { page } = await open(`${versions.url}/join`);
      await page.getByLabel('Your name').waitFor();
      await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
      await page.reload();
      await page.context().setOffline(true);
      await page.reload();
      await page.getByRole('heading', { name: 'Let this device earn' }).waitFor();
      await page.context().setOffline(false);
      versions.release();
      await page.evaluate('navigator.serviceWorker.getRegistration().then((registration) => registration.update()).then(() => undefined)');
      await page.getByText('Updated to the newest version.').waitFor();
    } finally {
      await versions.close();
    }
  }, 180_000);

  test.each([
    ['WebAssembly', 'delete globalThis.WebAssembly', 'WebAssembly: switch it on'],
    ['Web Locks', 'Object.defineProperty(Navigator.prototype, "locks", { value: undefined })', 'Web Locks'],
    ['a secure page', 'Object.defineProperty(globalThis, "isSecureContext", { value: false })', 'A secure page'],
  ])('that lacks %s is told so in a sentence, and spared the rest', async (_, breaking, sentence) => {
    const { page } = await open('about:blank');
    const scripts: string[] = [];
    page.on('response', (response) => scripts.push(new URL(response.url()).pathname));
    await page.addInitScript(breaking);
    await page.goto(`${broker.url}/join`);
    await page.getByText(sentence).waitFor();
    expect(scripts.filter((name) => /assets\/(run|start)/.test(name))).toEqual([]);
    expect(await seriousFaults(page)).toEqual([]);
  });
});
