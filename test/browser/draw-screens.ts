/** `npm run draw:screens`: pictures of /join for the documents, as a phone and a television show it, with figures made up for them. */
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { CHROMIUM } from './support/chromium.js';
import { startJoinHarness } from './support/join-harness.js';

const FOLDER = 'docs/screens';
const PHONE = { width: 390, height: 844 };
const TELEVISION = { width: 1920, height: 1080 };
const SCREENS = [
  { file: 'phone-welcome-light', scene: 'new', viewport: PHONE, colorScheme: 'light' },
  { file: 'phone-welcome-dark', scene: 'new', viewport: PHONE, colorScheme: 'dark' },
  { file: 'phone-working-light', scene: 'working', viewport: PHONE, colorScheme: 'light' },
  { file: 'phone-working-dark', scene: 'working', viewport: PHONE, colorScheme: 'dark' },
  { file: 'phone-paused-light', scene: 'paused', viewport: PHONE, colorScheme: 'light' },
  { file: 'television-working-light', scene: 'console', viewport: TELEVISION, colorScheme: 'light' },
  { file: 'television-working-dark', scene: 'console', viewport: TELEVISION, colorScheme: 'dark' },
] as const;

if (CHROMIUM === null) throw new Error('There is no Chromium here: install it, or name it in CHROMIUM_PATH.');
mkdirSync(FOLDER, { recursive: true });
const harness = await startJoinHarness();
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  for (const { file, scene, viewport, colorScheme } of SCREENS) {
    const page = await browser.newPage({ viewport, colorScheme, deviceScaleFactor: viewport === PHONE ? 2 : 1 });
    await page.goto(`${harness.url}/?${scene}`);
    await page.getByText('Library heap').waitFor();
    // A line of earnings, as it looks after a while.
    for (const micro of scene === 'new' ? [] : [1_834_900, 1_841_000, 1_842_300, 1_849_700, 1_852_118]) {
      await page.evaluate(`fakeAgent.show({ earned_micro: ${micro}n })`);
      await page.waitForTimeout(60);
    }
    await page.screenshot({ path: `${FOLDER}/${file}.png`, fullPage: viewport === PHONE });
    await page.close();
  }
} finally {
  await browser.close();
  await harness.close();
}
