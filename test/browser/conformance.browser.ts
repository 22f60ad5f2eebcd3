import { readFileSync } from 'node:fs';
import type { Row } from '../programs/conformance.js';
import type { TestBrowser } from './support/browser.js';
import { type CaseResult, comparable } from './support/cases.js';
import { inBrowsers } from './support/in-browsers.js';
import { type PageServer, startPageServer } from './support/server.js';
import { conformanceSuite, programCases } from './support/suite.js';

/** A slice; `npm run conformance:browser` runs 2,000. */
const RANDOM_COUNT = 200;

interface Ran {
  results: CaseResult[];
  stall_ms_max: number;
}

inBrowsers('the conformance suite', (open) => {
  let server: PageServer;
  let browser: TestBrowser;
  beforeAll(async () => {
    server = await startPageServer();
    browser = await open(server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test('the programs have the fuel, output and instrumented bytes that are written down', async () => {
    const { programs } = JSON.parse(readFileSync('test/programs/expected.json', 'utf8')) as { programs: Record<string, Row> };
    await browser.call('open', { worker: '/sandbox-worker.js' });
    const { results } = await browser.call<Ran>('runCases', { url: server.offer(programCases()) });
    const rows = results.map(({ name, metered_hash, runs: [run] }) => {
      return [name, { verdict: run?.verdict, fuel_used: run?.fuel_used, output_hash: run?.hash, metered_hash }];
    });
    expect(Object.fromEntries(rows)).toEqual(programs);
  }, 300_000);

  test('fuel, verdict, output and memory are those of Node.js, also where the fuel runs out', async () => {
    const { cases, expected } = conformanceSuite(RANDOM_COUNT);
    await browser.call('open', { worker: '/state-worker.js' });
    const { results } = await browser.call<Ran>('runCases', { url: server.offer(cases) });
    expect(results.map(comparable)).toEqual(expected);
    expect(expected.some(({ runs }) => runs.some((run) => run.startsWith('out-of-fuel')))).toBe(true);
    expect(expected.some(({ runs }) => runs.some((run) => run.startsWith('trap')))).toBe(true);
  }, 300_000);
});
