/**
 * `npm run draw:screens [-- --only owner,developer-run]`: pictures of /join, as a phone and a television show it with figures made up for them, and of every
 * page of the console on a heap filled by its own interface, in light and dark, on a phone and on a desk. Writes the list in README.md.
 */
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { loneBroker } from '../support/lone-broker.js';
import { CHROMIUM } from './support/chromium.js';
import { CONSOLE_PAGES, type ConsolePage, pathOf, viewerOf, windowOf } from './support/console-pages.js';
import { type Demonstration, demonstration } from './support/demonstration.js';
import { startJoinHarness } from './support/join-harness.js';
import { settled } from './support/look.js';

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });
const FOLDER = 'docs/screens';
const QUALITY = 72;
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };
const TELEVISION = { width: 1920, height: 1080 };
/** A phone's picture ends here, however long the page. */
const LONGEST = 1_600;
const JOIN = [
  { file: 'join-welcome-phone', scene: 'new', viewport: PHONE },
  { file: 'join-working-phone', scene: 'working', viewport: PHONE },
  { file: 'join-paused-phone', scene: 'paused', viewport: PHONE },
  { file: 'join-working-television', scene: 'console', viewport: TELEVISION },
] as const;
const SCHEMES = ['light', 'dark'] as const;
const SIZES = { phone: PHONE, desk: DESK };
const EARNED_MICRO = [1_834_900, 1_841_000, 1_842_300, 1_849_700, 1_852_118];

/** As WebP, which only the protocol makes; a page of flat colours is a tenth of its PNG. */
async function draw(page: Page, file: string): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  fs.writeFileSync(`${FOLDER}/${file}.webp`, Buffer.from(data, 'base64'));
  await cdp.detach();
}

async function drawJoin(browser: Browser): Promise<void> {
  const harness = await startJoinHarness();
  for (const { file, scene, viewport } of JOIN)
    for (const colorScheme of SCHEMES) {
      const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
      await page.goto(`${harness.url}/?${scene}`);
      await page.getByText('Library heap').waitFor();
      // A line of earnings, as it looks after a while.
      for (const micro of scene === 'new' ? [] : EARNED_MICRO) {
        await page.evaluate(`fakeAgent.show({ earned_micro: ${micro}n })`);
        await page.waitForTimeout(60);
      }
      await draw(page, `${file}-${colorScheme}`);
      await page.close();
    }
  await harness.close();
}

async function drawConsole(browser: Browser, pages: readonly ConsolePage[]): Promise<void> {
  const broker = await loneBroker();
  try {
    const heap = await demonstration(broker);
    for (const [size, viewport] of Object.entries(SIZES))
      for (const colorScheme of SCHEMES)
        for (const viewer of new Set(pages.map(({ as }) => as))) {
          const options = { viewport, colorScheme, reducedMotion: 'reduce' } as const;
          const context = await windowOf(browser, broker, viewerOf(viewer, heap), options);
          for (const one of pages.filter(({ as }) => as === viewer)) await drawPage(context, heap, one, `${size}-${colorScheme}`);
          await context.close();
        }
    await heap.close();
  } finally {
    await broker.close();
  }
}

async function drawPage(context: BrowserContext, heap: Demonstration, one: ConsolePage, look: string): Promise<void> {
  const page = await context.newPage();
  try {
    await page.goto(pathOf(one, heap));
    await settled(page);
    if (look.startsWith('phone')) {
      const height = await page.evaluate<number>('document.documentElement.scrollHeight');
      await page.setViewportSize({ width: PHONE.width, height: Math.min(LONGEST, Math.max(PHONE.height, height)) });
    }
    await draw(page, `${one.name}-${look}`);
  } catch (error) {
    throw new Error(`${one.name}, ${pathOf(one, heap)}: ${error instanceof Error ? error.message : error}`);
  }
  await page.close();
}

const BEGIN = '<!-- screens: npm run draw:screens -->';
const END = '<!-- end of screens -->';

/** The list of pages in README.md: each small, on a phone in light and on a desk in dark. */
function list(): void {
  const shown = (file: string, words: string) => `[![${words}](${FOLDER}/${file}.webp)](${FOLDER}/${file}.webp)`;
  const rows = CONSOLE_PAGES.filter(({ name, drawn }) => drawn && fs.existsSync(`${FOLDER}/${name}-desk-dark.webp`)).map(
    ({ name, title, path }) => {
      const address = typeof path === 'string' ? `\`${path}\`` : '';
      return `| **${title}**<br>${address} | ${shown(`${name}-phone-light`, `${title} on a phone`)} | ${shown(`${name}-desk-dark`, `${title} on a desk, dark`)} |`;
    },
  );
  const join = `| **Lending a device**<br>\`/join\` | ${shown('join-working-phone-light', 'The page of /join on a phone while it works')} | ${shown('join-working-television-dark', 'The page of /join on a television, dark')} |`;
  const paused = `| **Lending, paused**<br>\`/join\` | ${shown('join-paused-phone-light', 'The page of /join on a phone while it is paused')} | ${shown('join-paused-phone-dark', 'The same, dark')} |`;
  const table = ['| Page | Phone | Desk |', '| --- | --- | --- |', join, paused, ...rows].join('\n');
  const readme = fs.readFileSync('README.md', 'utf8');
  const [before, rest = ''] = readme.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  fs.writeFileSync('README.md', `${before}${BEGIN}\n\n${table}\n\n${END}${after}`);
}

if (CHROMIUM === null) throw new Error('There is no Chromium here: install it, or name it in CHROMIUM_PATH.');
fs.mkdirSync(FOLDER, { recursive: true });
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  const begins = values.only.split(',');
  const wanted = ({ name }: { name: string }) => begins.some((begin) => name.startsWith(begin));
  if (begins.some((begin) => 'join'.startsWith(begin))) await drawJoin(browser);
  const pages = CONSOLE_PAGES.filter((page) => page.drawn && wanted(page));
  if (pages.length > 0) await drawConsole(browser, pages);
  list();
} finally {
  await browser.close();
}
