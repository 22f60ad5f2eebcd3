import type { BrowserContext, CDPSession, Page } from 'playwright-core';

/** What one first load of a page took, in milliseconds from its navigation, bytes as they came over the wire. */
export interface PageFigures {
  first_paint_ms: number;
  largest_paint_ms: number;
  /** Since when the page has its heading, and nothing in it stands for what is on its way. */
  shown_ms: number;
  /** Shown, and at the end of its last long task. */
  interactive_ms: number;
  blocked_ms: number;
  /** From a press on the button of the navigation to the picture that follows it. */
  press_ms: number;
  requests: number;
  bytes: number;
  heap_mb: number;
  /** Paths of the scripts, by which their files are weighed. */
  scripts: string[];
}

export interface Conditions {
  cpu_slowdown: number;
  down_mbit: number;
  up_mbit: number;
  round_trip_ms: number;
}

/**
 * A page is interactive at the end of the last long task before so long a time without one and with at most two requests on their way, as
 * Lighthouse has it; and not before all of it is shown.
 */
const QUIET_MS = 5_000;
const REQUESTS_QUIET = 2;
/** A task longer than this keeps a finger waiting; what is beyond it is blocked time. */
const LONG_TASK_MS = 50;
const PATIENCE_MS = 60_000;
const WAITING = '#content [role=status][aria-label], #content .mantine-Skeleton-root, #content [data-loading]';
const MENU = 'Open the navigation';

interface Seen {
  first: number;
  largest: number;
  /** 0 while it is not. */
  shown: number;
  /** The longest event's time to the next picture. */
  event: number;
  long: { at: number; ms: number }[];
}

/** Runs in the page before its scripts. */
const WATCH = `(() => {
  const seen = (globalThis.seenByBench = { first: 0, largest: 0, shown: 0, event: 0, long: [] });
  const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch('paint', (entry) => { if (entry.name === 'first-contentful-paint') seen.first = entry.startTime; });
  watch('largest-contentful-paint', (entry) => { seen.largest = entry.startTime; });
  watch('longtask', (entry) => seen.long.push({ at: entry.startTime, ms: entry.duration }));
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { seen.event = Math.max(seen.event, entry.duration); }))
    .observe({ type: 'event', durationThreshold: 16 });
  new MutationObserver(() => {
    const whole = document.querySelector('#content h1') !== null && document.querySelector('${WAITING}') === null;
    seen.shown = whole ? seen.shown || performance.now() : 0;
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-loading'] });
})()`;

/** Loads a page for the first time, as a slow phone on a mobile network does. */
export async function measurePage(context: BrowserContext, path: string, conditions: Conditions): Promise<PageFigures> {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await slowDown(cdp, conditions);
  await page.addInitScript(WATCH);
  const traffic = watchTraffic(cdp);
  const scripts: string[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(new URL(response.url()).pathname);
  });
  await page.goto(path);
  const { seen, busy_until_ms } = await quiet(page, traffic);
  const interactive_ms = Math.max(seen.first, seen.shown, ...seen.long.filter(({ at }) => at < busy_until_ms).map(({ at, ms }) => at + ms));
  const blocked_ms = seen.long
    .filter(({ at }) => at >= seen.first && at < interactive_ms)
    .reduce((sum, { ms }) => sum + ms - LONG_TASK_MS, 0);
  const press_ms = await press(page);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  await page.close();
  return {
    ...{ first_paint_ms: seen.first, largest_paint_ms: seen.largest, shown_ms: seen.shown, interactive_ms, blocked_ms, press_ms },
    ...{ requests: traffic.requests, bytes: traffic.bytes, heap_mb: usedSize / 1_048_576, scripts: [...new Set(scripts)] },
  };
}

/** Presses the button of the navigation. @returns the milliseconds to the next picture, to the nearest 8; 0 below 16, and where the window is so wide that there is none */
async function press(page: Page): Promise<number> {
  const button = page.getByRole('button', { name: MENU });
  if (!(await button.isVisible())) return 0;
  await page.evaluate('seenByBench.event = 0');
  await button.click();
  // The browser tells of an event with the picture after it.
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))');
  return page.evaluate<number>('seenByBench.event');
}

async function slowDown(cdp: CDPSession, { cpu_slowdown, down_mbit, up_mbit, round_trip_ms }: Conditions): Promise<void> {
  const bytesPerSecond = (mbit: number) => (mbit * 1_000_000) / 8;
  await cdp.send('Network.enable');
  await cdp.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: round_trip_ms },
    ...{ downloadThroughput: bytesPerSecond(down_mbit), uploadThroughput: bytesPerSecond(up_mbit) },
  });
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: cpu_slowdown });
}

interface Traffic {
  requests: number;
  bytes: number;
  /** On their way. */
  open: Set<string>;
}

function watchTraffic(cdp: CDPSession): Traffic {
  const traffic: Traffic = { requests: 0, bytes: 0, open: new Set() };
  cdp.on('Network.requestWillBeSent', ({ requestId, type }) => {
    traffic.requests += 1;
    // A stream that stays open is no load.
    if (type !== 'EventSource') traffic.open.add(requestId);
  });
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    traffic.open.delete(requestId);
    traffic.bytes += encodedDataLength;
  });
  cdp.on('Network.loadingFailed', ({ requestId }) => traffic.open.delete(requestId));
  return traffic;
}

/** Waits for the first quiet time. @returns what was seen by then, and when it began. */
async function quiet(page: Page, traffic: Traffic): Promise<{ seen: Seen; busy_until_ms: number }> {
  const began_ms = performance.now();
  let requests_until_ms = 0;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { seen, now } = await page.evaluate<{ seen: Seen; now: number }>('({ seen: seenByBench, now: performance.now() })');
    if (traffic.open.size > REQUESTS_QUIET) requests_until_ms = now;
    const busy_until_ms = Math.max(seen.first, requests_until_ms, ...seen.long.map(({ at, ms }) => at + ms));
    if (seen.first > 0 && seen.shown > 0 && now - busy_until_ms > QUIET_MS) return { seen, busy_until_ms };
    if (performance.now() - began_ms > PATIENCE_MS) throw new Error(`the page is not quiet after ${PATIENCE_MS} ms`);
  }
}
