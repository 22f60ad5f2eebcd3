import { existsSync, readFileSync } from 'node:fs';
import { chromium as playwright } from 'playwright-core';

/** A browser with the test page open. */
export interface TestBrowser {
  version: string;
  /** Calls a function of the test page by name. */
  call<T>(name: string, argument?: unknown): Promise<T>;
  close(): Promise<void>;
}

const found = (paths: string[]) => paths.find((path) => existsSync(path)) ?? null;

/** Where Debian and others put it; `HEAP_CHROMIUM` names another. */
export const CHROMIUM = found([
  process.env.HEAP_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]);

export interface Chromium extends TestBrowser {
  page: Awaited<ReturnType<typeof open>>['page'];
  /** Memory of all processes that render pages or run their workers, as the system shares it out (Pss). */
  rendererBytes(): Promise<number>;
}

async function open(url: string) {
  const browser = await playwright.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(url);
  return { browser, page };
}

export async function openChromium(url: string): Promise<Chromium> {
  const { browser, page } = await open(url);
  const cdp = await browser.newBrowserCDPSession();
  return {
    page,
    version: `Chromium ${browser.version()}`,
    call: async (name, argument) => JSON.parse(await page.evaluate<string>(expression(name, argument))),
    async rendererBytes() {
      const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
      return processInfo.filter(({ type }) => type === 'renderer').reduce((sum, { id }) => sum + pssBytes(id), 0);
    },
    close: () => browser.close(),
  };
}

/** An expression that calls a function of the test page and comes to its answer as JSON. */
export function expression(name: string, argument: unknown): string {
  return `heapTest[${JSON.stringify(name)}](${JSON.stringify(argument ?? null)}).then((answer) => JSON.stringify(answer ?? null))`;
}

function pssBytes(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has ended since
  }
}
