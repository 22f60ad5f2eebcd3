import { chromium as playwright } from 'playwright-core';
import { expression, firstOf, type TestBrowser } from './browser.js';
import { pssBytes } from './memory.js';

/** Where Debian and others put it; `CHROMIUM_PATH` names another. */
export const CHROMIUM = firstOf([process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']);

export interface Chromium extends TestBrowser {
  page: Awaited<ReturnType<typeof launch>>['page'];
}

async function launch(url: string) {
  const browser = await playwright.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(url);
  return { browser, page };
}

export async function openChromium(url: string): Promise<Chromium> {
  const { browser, page } = await launch(url);
  const cdp = await browser.newBrowserCDPSession();
  const page_cdp = await page.context().newCDPSession(page);
  return {
    page,
    version: `Chromium ${browser.version()}`,
    call: async (name, argument) => JSON.parse(await page.evaluate<string>(expression(name, argument))),
    async memoryBytes() {
      await page_cdp.send('HeapProfiler.collectGarbage'); // of the page, which holds the tests' own data; workers collect for themselves
      const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
      return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { id }) => sum + pssBytes(id), 0);
    },
    close: () => browser.close(),
  };
}
