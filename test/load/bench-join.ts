/**
 * `npm run bench:join [-- --json]`: the page of /join in Chromium, as a heap on this machine serves it. What its JavaScript weighs compressed by
 * gzip, before the sandbox's engine and with it; how much of a core the whole page takes while it waits for work; and how long a lone task on a
 * warm lease takes from the append to the result in the stream, beside the same with the Node.js agent.
 */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Heap } from '#sdk';
import { CHROMIUM } from '../browser/support/chromium.js';
import { lone } from './nothing.js';
import { benchReport, percentile } from './report.js';
import { withHeap } from './with-heap.js';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, idle: { type: 'string', default: '30' }, lone: { type: 'string', default: '200' } },
});
const IDLE_S = Number(values.idle);
/** What joining cost, and keeping the page for offline use, is not what waiting costs. */
const SETTLE_MS = 15_000;
const PATIENCE_MS = 120_000;
const TERMS = { verification: 'L0' as const, maxPrice: '1', budget: '20', fuelLimit: 1_000_000 };

/** Script and engine files that the page asked for, by path. */
type Fetched = Set<string>;

async function joined(browser: Browser, heap: Heap): Promise<{ page: Page; fetched: Fetched; join_s: number }> {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  page.setDefaultTimeout(PATIENCE_MS);
  const fetched: Fetched = new Set();
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (/\.(js|wasm)$/.test(pathname)) fetched.add(pathname);
  });
  const { join_url } = await heap.enrolmentCode();
  const started_ms = performance.now();
  await page.goto(join_url);
  await page.getByRole('button', { name: 'Join with this device' }).click();
  // A Chromium without a screen tells nothing about battery and network.
  await page.getByRole('switch', { name: /Work although the browser does not tell/ }).check();
  await page.getByRole('heading', { name: 'Waiting for work' }).waitFor();
  return { page, fetched, join_s: (performance.now() - started_ms) / 1_000 };
}

const gzipKb = (paths: Iterable<string>): number =>
  [...paths].reduce((sum, name) => sum + fs.statSync(`dist/console${name}.gz`).size, 0) / 1_000;
const isEngine = (name: string) => /quickjs|sandbox-worker/.test(name);

/** Processor time of all of the browser's processes, and of those that render pages and run their workers. */
async function cpuSeconds(browser: Browser): Promise<{ all: number; renderers: number }> {
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
  await cdp.detach();
  const sum = (some: typeof processInfo) => some.reduce((total, { cpuTime }) => total + cpuTime, 0);
  return { all: sum(processInfo), renderers: sum(processInfo.filter(({ type }) => type === 'renderer')) };
}

async function inBrowser(heap: Heap) {
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  try {
    const { fetched, join_s } = await joined(browser, heap);
    await sleep(SETTLE_MS);
    const before = await cpuSeconds(browser);
    const began_ms = performance.now();
    await sleep(IDLE_S * 1_000);
    const after = await cpuSeconds(browser);
    const share = (used: number) => (used / ((performance.now() - began_ms) / 1_000)) * 100;
    return {
      join_s,
      page_kb: gzipKb([...fetched].filter((name) => !isEngine(name))),
      whole_kb: gzipKb(fetched),
      has_engine: [...fetched].some((name) => name.endsWith('.wasm')),
      idle_percent: share(after.renderers - before.renderers),
      idle_all_percent: share(after.all - before.all),
      lone_ms: await lone(heap, Number(values.lone), TERMS),
    };
  } finally {
    await browser.close();
  }
}

if (CHROMIUM === null) throw new Error('There is no Chromium here: install it, or name it in CHROMIUM_PATH.');
const page = await withHeap(0, inBrowser);
if (!page.has_engine) throw new Error('the page works without having fetched its engine: what was weighed is not the whole');
const node_ms = await withHeap(1, (heap) => lone(heap, Number(values.lone), TERMS));
const figure = (n: number) => Number(n.toFixed(2));

benchReport(
  'join',
  { idle_s: IDLE_S, lone: page.lone_ms.length },
  {
    page_js_kb_gzip: figure(page.page_kb),
    with_engine_kb_gzip: figure(page.whole_kb),
    idle_core_percent: figure(page.idle_percent),
    idle_whole_browser_core_percent: figure(page.idle_all_percent),
    task_overhead_ratio: figure(percentile(page.lone_ms, 0.5) / percentile(node_ms, 0.5)),
    lone_browser_p50_ms: figure(percentile(page.lone_ms, 0.5)),
    lone_browser_p99_ms: figure(percentile(page.lone_ms, 0.99)),
    lone_node_p50_ms: figure(percentile(node_ms, 0.5)),
    lone_node_p99_ms: figure(percentile(node_ms, 0.99)),
    join_s: figure(page.join_s),
  },
  values.json ?? false,
);
process.exit(0);
