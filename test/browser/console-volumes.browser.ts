import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { PieceKeeper } from '../support/piece-keeper.js';
import { CHROMIUM } from './support/chromium.js';
import { windowOf } from './support/console-pages.js';
import { inChromium } from './support/in-browsers.js';
import { complaints } from './support/look.js';

const PATIENCE_MS = 60_000;
const KEEPERS = 10;

inChromium('volumes in the console', () => {
  let broker: TestBroker;
  let developer: TestPerson;
  let keepers: PieceKeeper[];
  let browser: Browser;
  let page: Page;
  let heard: string[];
  beforeAll(async () => {
    broker = await startBroker();
    developer = await broker.person({ name: 'Dora', roles: ['developer'] });
    keepers = await Promise.all(Array.from({ length: KEEPERS }, () => PieceKeeper.join(broker)));
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    const context = await windowOf(browser, broker, developer, { reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    heard = complaints(page);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    for (const keeper of keepers ?? []) await keeper.session.vanish();
    await broker?.close();
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const bytes = randomBytes(700_001);

  test('a developer buys one, puts a file that is encrypted on the page, and fetches it again by its capability', async () => {
    await page.goto('/developer/volumes');
    await page.getByRole('heading', { name: 'No volumes' }).waitFor();
    await button('Buy a volume').click();
    await page.getByLabel('Name').fill('Photographs');
    await page.getByLabel('Highest price').fill('0.009');
    await page.getByText('are held at once', { exact: false }).waitFor();
    await button('Buy').click();
    await page.getByRole('heading', { name: 'Photographs' }).waitFor();
    // Without a reload: the market has found its devices.
    await page.getByText('ready', { exact: true }).first().waitFor();
    await page.getByText('There is no stored file yet', { exact: false }).waitFor();

    await page.locator('input[type=file]').setInputFiles({ name: 'summer.raw', mimeType: 'application/octet-stream', buffer: bytes });
    await button('Put it').click();
    const capability = await page.getByRole('region', { name: 'The capability of the file' }).innerText();
    expect(capability).toMatch(/^heap-r1:/);
    await page.getByRole('img', { name: '10 pieces of all files, by what is known of them: kept: 10' }).waitFor();
    await page.getByText('7 more pieces could go before it is lost', { exact: false }).waitFor();

    await page.getByRole('link', { name: 'All volumes' }).click();
    await button('Fetch a file').click();
    await page.getByLabel('Capability').fill(`${capability.slice(0, -1)}${capability.endsWith('A') ? 'B' : 'A'}`);
    await button('Fetch it').click();
    await page.getByText(/capability\.\w+/).waitFor();
    await page.getByLabel('Capability').fill(capability);
    const download = page.waitForEvent('download');
    await button('Fetch it').click();
    expect(bytes.equals(await fs.readFile(await (await download).path()))).toBe(true);
    await page.keyboard.press('Escape');
    expect(heard).toEqual([]);
  }, 120_000);

  test('its files are deleted and it is given up, each asked once more, and the devices are rid of the pieces', async () => {
    await page.getByRole('link', { name: 'Photographs' }).click();
    await button('Delete').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('deleted', { exact: true }).first().waitFor();
    await button('Give up').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give up' }).click();
    await page.getByText('over', { exact: true }).first().waitFor();
    expect(heard).toEqual([]);
  }, 60_000);

  test('an owner sees what a device keeps, and that nobody can read it there', async () => {
    const [keeper] = keepers as [PieceKeeper];
    const window = await windowOf(browser, broker, keeper.owner);
    const own = await window.newPage();
    await own.goto(`/owner/devices/${keeper.id}`);
    await own.getByRole('heading', { name: 'Files of others' }).waitFor();
    await own.getByText(/of 10 GB/).waitFor();
    await window.close();
  }, 60_000);
});
