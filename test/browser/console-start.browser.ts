import { type Browser, chromium } from 'playwright-core';
import { startBroker, type TestBroker } from '../support/broker.js';
import { CHROMIUM } from './support/chromium.js';
import { type Viewer, viewerOf, windowOf } from './support/console-pages.js';
import { type Demonstration, demonstration } from './support/demonstration.js';
import { inChromium } from './support/in-browsers.js';
import { complaints, settled } from './support/look.js';

const PHONE = { width: 390, height: 844 };
/** What a page is known to ask for with its address, and how many files of code and style it may take until it is shown. */
const PAGES: readonly [viewer: Viewer, path: string, asks: readonly string[]][] = [
  ['anyone', '/', ['/v1/heap/figures']],
  ['owner', '/owner', ['/v1/nodes', '/v1/earnings/history']],
  ['developer', '/developer', ['/v1/balance', '/v1/funds', '/v1/spending', '/v1/jobs?phase=live&limit=5', '/v1/jobs?phase=over&limit=5']],
  ['admin', '/admin', ['/v1/admin/glance', '/v1/heap/figures']],
];
const FILES_MAX = 10;
/** A browser complains some seconds after the page's load of what it was to load and nobody used. */
const COMPLAINT_MS = 6_000;

inChromium('where people begin', () => {
  let broker: TestBroker;
  let heap: Demonstration;
  let browser: Browser;
  beforeAll(async () => {
    broker = await startBroker();
    heap = await demonstration(broker);
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await heap?.close();
    await broker?.close();
  });

  test.each(PAGES)(
    'for %s, %s asks for all it needs at once, for nothing twice, and for no library of charts',
    async (viewer, path, asks) => {
      const context = await windowOf(browser, broker, viewerOf(viewer, heap), { viewport: PHONE });
      const page = await context.newPage();
      const heard = complaints(page);
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url().slice(broker.url.length)));
      const loaded = page.waitForEvent('load');
      await page.goto(path);
      await loaded;
      const loaded_ms = performance.now();
      await settled(page);
      // Who is signed in came with the page; the session is asked for later, for the sake of its cookie.
      expect(requests).not.toContain('/v1/me');
      const first = (ask: string) => requests.indexOf(ask);
      const live = requests.indexOf('/v1/live/tickets');
      for (const ask of asks) expect([ask, first(ask) > 0 && (live < 0 || first(ask) < live)]).toEqual([ask, true]);
      const files = requests.filter((request) => request.startsWith('/assets/'));
      expect(files.slice(0, requests.indexOf(asks[0] ?? '') + 1).length).toBeLessThanOrEqual(FILES_MAX);
      expect(files.filter((file) => /canvas|echarts/.test(file))).toEqual([]);
      await page.waitForTimeout(Math.max(0, COMPLAINT_MS - (performance.now() - loaded_ms)));
      expect(heard).toEqual([]);
      await context.close();
    },
  );

  test('a button pressed before the page is idle opens what it stands for', async () => {
    const context = await windowOf(browser, broker, heap.owner, { viewport: PHONE });
    const page = await context.newPage();
    // Never idle.
    await page.addInitScript('globalThis.requestIdleCallback = () => 0; globalThis.cancelIdleCallback = () => {};');
    const heard = complaints(page);
    await page.goto('/owner');
    await page.getByRole('button', { name: 'Open the navigation' }).click();
    await page.getByRole('link', { name: 'Earnings' }).waitFor();
    await page.getByRole('button', { name: 'Close the navigation' }).click();
    await page.getByRole('button', { name: 'Olga' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /^Notices/ }).click();
    await page.getByRole('link', { name: 'Choose what reaches you' }).waitFor();
    expect(heard).toEqual([]);
    await context.close();
  });
});
