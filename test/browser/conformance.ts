/**
 * `npm run conformance:browser -- [random programs]`: the whole suite (2,000 random programs unless told otherwise) in this Node.js, in
 * Chromium and in Firefox where they are installed; ends with 1 when one differs. Another Node.js that prints the same hash agrees too.
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { METER_ID } from '#sandbox';
import type { TestBrowser } from './support/browser.js';
import { type CaseResult, comparable } from './support/cases.js';
import { CHROMIUM, openChromium } from './support/chromium.js';
import { FIREFOX, openFirefox } from './support/firefox.js';
import { startPageServer } from './support/server.js';
import { conformanceSuite } from './support/suite.js';

const count = Number(process.argv[2] ?? 2000);
/** A page keeps the results of so many cases at a time. */
const CASES_AT_ONCE = 200;

const { cases, expected, runs } = conformanceSuite(count);
const hash = createHash('sha256').update(JSON.stringify(expected)).digest('hex');
console.log(`${METER_ID}, Node.js ${process.version}: ${cases.length} modules, ${runs} runs, all of it ${hash.slice(0, 16)}`);
const server = await startPageServer();

async function compare(browser: TestBrowser): Promise<void> {
  const started = performance.now();
  await browser.call('open', { worker: '/state-worker.js' });
  let different = 0;
  for (let at = 0; at < cases.length; at += CASES_AT_ONCE) {
    const url = server.offer(cases.slice(at, at + CASES_AT_ONCE));
    const { results } = await browser.call<{ results: CaseResult[] }>('runCases', { url });
    results.map(comparable).forEach((got, i) => {
      if (isDeepStrictEqual(got, expected[at + i])) return;
      different++;
      console.log(JSON.stringify({ here: expected[at + i], there: got }, null, 2));
    });
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${browser.version}: ${different === 0 ? 'the same' : `${different} modules differ`} (${seconds} s)`);
  if (different > 0) process.exitCode = 1;
  await browser.close();
}

if (CHROMIUM === null) console.log('Chromium: not installed, skipped');
else await compare(await openChromium(server.url));
if (FIREFOX === null) console.log('Firefox: not installed, skipped');
else await compare(await openFirefox(server.url));
await server.close();
