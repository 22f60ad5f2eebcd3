import { type Browser, chromium, type Page } from 'playwright-core';
import { startBroker, type TestBroker } from '../support/broker.js';
import { CHROMIUM } from './support/chromium.js';
import { CONSOLE_PAGES, pathOf, type Viewer, viewerOf, windowOf } from './support/console-pages.js';
import { type Demonstration, demonstration } from './support/demonstration.js';
import { inChromium } from './support/in-browsers.js';
import { complaints, overflow, seriousFaults, settled } from './support/look.js';

const HEIGHT = 800;
/** `npm run test:console` lets axe look at every page in all four ways; otherwise at one page in the first way, at the next in the second. */
const LOOKS = [
  { width: 360, schemes: ['light'] },
  { width: 1280, schemes: ['dark'] },
] as const;
const WHOLE = process.env.CONSOLE_WHOLE !== undefined;
const schemesOf = (page: number, look: number): readonly ('light' | 'dark')[] => {
  if (WHOLE) return ['light', 'dark'];
  return page % LOOKS.length === look ? (LOOKS[look]?.schemes ?? []) : [];
};
const VIEWERS = [...new Set(CONSOLE_PAGES.map(({ as }) => as))];

inChromium('everybody can use every page of the console', () => {
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

  /** What is wrong with the page as it stands, in light and dark, narrow and wide. */
  async function faultsOf(page: Page, nth: number): Promise<string[]> {
    const faults: string[] = [];
    for (const [look, { width }] of LOOKS.entries()) {
      await page.setViewportSize({ width, height: HEIGHT });
      const pixels = await overflow(page);
      if (pixels > 0) faults.push(`${pixels} pixels wider than ${width}`);
      for (const colorScheme of schemesOf(nth, look)) {
        await page.emulateMedia({ colorScheme });
        faults.push(...(await seriousFaults(page)).map((fault) => `${colorScheme}, ${width}: ${fault}`));
      }
    }
    return faults;
  }

  test.each(VIEWERS)(
    'as %s: axe finds nothing serious in light and dark, nothing is too wide for a phone, the browser has no complaint',
    async (viewer: Viewer) => {
      const context = await windowOf(browser, broker, viewerOf(viewer, heap), {
        viewport: { width: LOOKS[0].width, height: HEIGHT },
        // From the beginning: what still slides to its place is measured where it is not.
        reducedMotion: 'reduce',
      });
      const faults: Record<string, string[]> = {};
      for (const [nth, one] of CONSOLE_PAGES.filter(({ as }) => as === viewer).entries()) {
        const page = await context.newPage();
        const heard = complaints(page);
        await page.goto(pathOf(one, heap));
        await settled(page);
        const found = await faultsOf(page, nth);
        if (found.length + heard.length > 0) faults[`${one.name}, ${pathOf(one, heap)}`] = [...found, ...heard];
        await page.close();
      }
      await context.close();
      expect(faults).toEqual({});
    },
    600_000,
  );
});
