// @own-machine: how long a page does not get its turn is measured.
import { isDeterministic, type Verdict } from '#sandbox';
import { HOSTILE_CASES } from '../../libs/sandbox/src/hostile/cases.js';
import { wat } from '../../libs/sandbox/src/node/testing/support.js';
import type { TestBrowser } from './support/browser.js';
import type { CaseResult } from './support/cases.js';
import { inBrowsers } from './support/in-browsers.js';
import { caseOf, LIMITS } from './support/make-case.js';
import { type PageServer, startPageServer } from './support/server.js';
import { leastStall, STALL_MS_MAX } from './support/stall.js';

const MIB = 1024 * 1024;
const FEATURES = { bulk_memory: true, reference_types: true, simd: true };
/** What a browser may take to collect and give back what tasks held. */
const SETTLE_MS_MAX = 15_000;

const CASES = HOSTILE_CASES.map(({ name, kind, source, limits, files }) =>
  caseOf(name, kind, kind === 'wasm' ? wat(source, FEATURES) : source, {
    files: files ?? {},
    limits: { ...LIMITS, ...limits, fuel: String(limits?.fuel ?? LIMITS.fuel) },
  }),
);
const AFTER = caseOf('after', 'javascript', 'export default (n) => n + 1', { input: '1' });

inBrowsers('hostile tasks', (open) => {
  let server: PageServer;
  let browser: TestBrowser;
  let ran: { results: CaseResult[]; stall_ms_max: number };
  let before_bytes: number;

  beforeAll(async () => {
    server = await startPageServer();
    browser = await open(server.url);
    await browser.call('open', { worker: '/sandbox-worker.js' });
    await browser.call('runCase', AFTER);
    before_bytes = await browser.memoryBytes();
    ran = await browser.call('runCases', { url: server.offer(CASES) });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(HOSTILE_CASES.map((c, i) => [`${c.kind}: ${c.name}, by ${c.defence}`, c, i] as const))('is stopped: %s', (_, hostile, i) => {
    const { refused, runs } = ran.results[i] as CaseResult;
    const verdict = refused === 'module_refused' ? 'refused' : runs[0]?.verdict;
    if (hostile.ends === 'contained') expect(isDeterministic(verdict as Verdict)).toBe(true);
    else expect(verdict).toBe(hostile.ends);
    if (hostile.output !== undefined) expect(runs[0]?.output).toBe(hostile.output);
    expect(runs[0]?.memory_peak_bytes ?? 0).toBeLessThanOrEqual(16 * MIB);
  });

  test('the page got its turn throughout', async () => {
    const again = () => browser.call<typeof ran>('runCases', { url: server.offer(CASES) });
    expect(await leastStall(ran.stall_ms_max, again)).toBeLessThan(STALL_MS_MAX);
  }, 300_000);

  test('the slot goes on, and the memory of all renderers is back', async () => {
    expect((await browser.call<CaseResult>('runCase', AFTER)).runs).toMatchObject([{ verdict: 'ok', output: '2' }]);
    const end = performance.now() + SETTLE_MS_MAX;
    let grown_bytes = Number.POSITIVE_INFINITY;
    while (grown_bytes > 50 * MIB && performance.now() < end) {
      grown_bytes = (await browser.memoryBytes()) - before_bytes;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(grown_bytes).toBeLessThan(50 * MIB);
  });
});
