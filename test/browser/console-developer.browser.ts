// @own-machine: a newcomer has a minute.
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { Heap } from '#sdk';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker } from '../support/broker.js';
import { CHROMIUM } from './support/chromium.js';
import { inChromium } from './support/in-browsers.js';
import { complaints, overflow, seriousFaults, until } from './support/look.js';

const PATIENCE_MS = 60_000;
/** A folder for pictures of the pages, for whoever wants to look at them. */
const SCREENS = process.env.CONSOLE_SCREENS;

inChromium('the console of a developer', () => {
  let broker: TestBroker;
  let agent: TestAgent;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let heard: string[];
  beforeAll(async () => {
    broker = await startBroker();
    agent = await startTestAgent(broker, await broker.person({ name: 'Olga', roles: ['owner'], funds_micro: 0n }), {
      slots: 2,
      reserve_price_micro: 1_000n,
    });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    heard = complaints(page);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await agent?.close();
    await broker?.close();
  });

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
  const open = (path: string) => page.goto(`${broker.url}${path}`);
  const take = async (example: string) => {
    await page.getByRole('combobox', { name: 'Example' }).click();
    await page.getByRole('option', { name: example }).click();
  };
  /** Writes into the editor in place of what is there. */
  const write = async (code: string, editor = 'Code') => {
    await page.getByRole('textbox', { name: editor, exact: true }).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(code);
  };
  const jobInAddress = () => new URL(page.url()).searchParams.get('job');

  test('signs up, runs an example from the page within a minute, and loses nothing by a reload', async () => {
    const begun_ms = performance.now();
    await open('/sign-up?back=/developer/run');
    await page.getByLabel('Name').fill('Dora');
    await page.getByLabel('E-mail').fill('dora@example.org');
    await page.getByLabel('Password').first().fill('correct horse battery');
    await page.locator('button[type=submit]').click();
    await page.getByRole('heading', { name: 'Run something' }).waitFor();
    await button(/Add \$5\.00 of simulated money/).click();
    await page.getByText(/At most \$/).waitFor();
    await button('Run').click();
    await page.getByRole('img', { name: /pixels, \d+ of 48 tiles/ }).waitFor();
    const job_id = jobInAddress();
    expect(job_id).not.toBeNull();
    await page.reload();
    await page.getByRole('img', { name: '48 of 48 tiles' }).waitFor();
    expect(performance.now() - begun_ms).toBeLessThan(PATIENCE_MS);
    expect(jobInAddress()).toBe(job_id);
    await page.getByText('48 of 48 done').waitFor();
    expect(
      await page.evaluate(`(() => {
      const canvas = document.querySelector('canvas[aria-label*="48 of 48 tiles"]');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set();
      for (let at = 0; at < data.length; at += 4) { if (data[at + 3] !== 255) return 'a hole'; colours.add(data[at] * 65536 + data[at + 1] * 256 + data[at + 2]); }
      return colours.size > 20;
    })()`),
    ).toBe(true);
    await page.getByText('All 48 tasks are done', { exact: false }).first().waitFor();
    expect(heard).toEqual([]);
  }, 180_000);

  test('a draft is kept, a fault is told where it is, and nothing can be run by mistake', async () => {
    await open('/developer/run');
    await take('Squares');
    await button('Replace')
      .click({ timeout: 1_000 })
      .catch(() => undefined);
    await write('const rate = 2;\nexport default (n: number) =>\n  n * rate * outside;');
    await page.getByRole('alert').filter({ hasText: '"outside" (line 3), defined outside it' }).waitFor();
    expect(await page.locator('.cm-lintRange-error').textContent()).toBe('outside');
    expect(await button('Run').isDisabled()).toBe(true);
    await page.reload();
    await page.getByRole('alert').filter({ hasText: '"outside"' }).waitFor();

    await write('export default (n: number) => n * 2;');
    await page.getByText('JSON lines', { exact: true }).first().click();
    await page.getByRole('textbox', { name: 'JSON lines' }).fill('1\nhello');
    await page.getByText('Line 2 is not JSON: hello').waitFor();
    await page.getByRole('textbox', { name: 'JSON lines' }).fill('1\n2');
    await page.getByRole('textbox', { name: 'Cap', exact: true }).fill('much');
    await page.getByText('Write an amount like 0.50.').waitFor();
    expect(await button('Run').isDisabled()).toBe(true);
    await page.getByRole('textbox', { name: 'Cap', exact: true }).fill('0.000001');
    await button('Run').click();
    await page.getByText('budget_too_small').waitFor();
    await page.getByRole('textbox', { name: 'Cap', exact: true }).fill('');
    await take('Some that fail');
    await page.getByText('Replace what you wrote?').waitFor();
    await page.getByRole('dialog').getByText('Keep mine').click();
    expect(await page.getByRole('textbox', { name: 'JSON lines' }).inputValue()).toBe('1\n2');
    // The refusal is a request that failed on purpose.
    expect(heard.splice(0).filter((line) => !line.includes('400'))).toEqual([]);
  }, 120_000);

  test('failures are shown with what they wrote; those run again; a job is stopped', async () => {
    await open('/developer/run');
    await take('Some that fail');
    await button('Replace').click();
    await button('Run').click();
    await page.getByText('3 of 6 done, 3 failed').waitFor();
    await button('Look at task 1').click();
    await page.getByRole('dialog').getByText('I was asked for throw').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Everything about this job' }).click();
    await button('Run 3 failed tasks again').waitFor();
    await page.getByRole('combobox', { name: 'State' }).click();
    await page.getByRole('option', { name: 'failed' }).click();
    await button('Look at task 3').click();
    await page.getByRole('dialog').getByText('I was asked for loop').waitFor();
    await page.keyboard.press('Escape');
    for (const tab of ['Checking', 'Receipt', 'Terms', 'Objections']) await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('tab', { name: 'Receipt' }).click();
    await page.getByText('The lines add up to the charge.', { exact: true }).waitFor();
    await button('Run 3 failed tasks again').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click();
    await page.getByText('Runs again tasks of').waitFor();
    await page.getByRole('heading', { name: 'Some that fail again' }).waitFor();

    await open('/developer/run');
    await take('Primes');
    await write('export default (n: number) => { let x = n; for (let i = 0; i < 2_000_000; i++) x = (x * 31 + i) % 1000003; return x; };');
    await button('Run').click();
    await page.getByText(/^[1-9]\d* of 30 done/).waitFor();
    await button('Stop').click();
    await page.getByText('cancelled_by_developer').waitFor();
    expect(heard).toEqual([]);
  }, 180_000);

  test('anybody sees prices, and a round that was tampered with is caught in the browser', async () => {
    const anybody = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const market = await anybody.newPage();
    market.setDefaultTimeout(PATIENCE_MS);
    const complained = complaints(market);
    await market.goto(`${broker.url}/market`);
    await market.getByRole('link', { name: 'micro', exact: true }).click();
    await market.getByRole('img', { name: /Prices of micro/ }).waitFor();
    await market
      .getByRole('link', { name: /^Round \d+/ })
      .first()
      .click();
    await market.getByRole('button', { name: 'Verify in your browser' }).click();
    await market.getByText('Everything holds').waitFor();
    const address = market.url();
    await market.route('**/v1/rounds/*', async (route) => {
      const answer = await route.fetch();
      const text = await answer.text();
      const round = JSON.parse(text);
      for (const order of round.receipt.body.inputs.orders) order.max_price = '7';
      await route.fulfill({ response: answer, json: round });
    });
    await market.goto(address);
    await market.getByRole('button', { name: 'Verify in your browser' }).click();
    await market.getByText('This receipt does not hold: What went in is as it was').waitFor();
    await market.getByText('max_price').first().waitFor();
    expect(complained).toEqual([]);
    await anybody.close();
  }, 120_000);

  test('a key is shown once and revoked, money is added and capped', async () => {
    await open('/developer/keys');
    await button('Make a key').click();
    await page.getByText('Give it a name').waitFor();
    await page.getByRole('textbox', { name: 'What is it for?' }).fill('laptop');
    await button('Make a key').click();
    const secret = await page.getByText(/^oh_/).first().textContent();
    const asked = await fetch(`${broker.url}/v1/me`, { headers: { authorization: `Bearer ${secret?.trim()}` } });
    expect(asked.status).toBe(200);
    await button('I have it').click();
    expect(await page.getByText(secret ?? '').count()).toBe(0);
    await button('Revoke: laptop').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No keys yet').waitFor();
    expect((await fetch(`${broker.url}/v1/me`, { headers: { authorization: `Bearer ${secret?.trim()}` } })).status).toBe(401);

    await open('/developer/funds');
    await page.getByRole('textbox', { name: /^Amount/ }).fill('2.50');
    await button('Add').click();
    await page.getByRole('cell', { name: '$2.50' }).first().waitFor();
    await page.getByRole('textbox', { name: 'For a job' }).fill('1.25');
    await button('Save the caps').click();
    await page.getByText('Saved.').waitFor();
    await page.reload();
    await until(page, `document.querySelector('section[aria-label="Caps"] input')?.value === '1.25'`);
    expect(heard).toEqual([]);
  }, 120_000);

  test('what a verifier of one’s own rejected is told with its reason, beside the job and beside the task', async () => {
    const apiKey =
      await page.evaluate<string>(`fetch('/v1/api-keys', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"shell"}' })
      .then((answer) => answer.json()).then(({ secret }) => secret)`);
    const heap = new Heap({ url: broker.url, apiKey });
    const run = heap.map((n: number) => n + 1, [1, 2], {
      maxPrice: '0.01',
      budget: '0.5',
      verify: ({ input }: { input: number }) => input > 1 || { accept: false, reason: 'Not to my taste' },
    });
    expect(await run.values()).toEqual([2, 3]);
    await open(`/developer/jobs/${(await run.job).id}`);
    await page.getByRole('tab', { name: 'Checking' }).click();
    const verifier = page.getByRole('region', { name: 'Your own verifier' });
    await verifier.getByText('1 accepted, 1 rejected, 0 failed, 0 not looked at, 0 waiting').waitFor();
    await verifier.getByText('Rejected by your verifier: Not to my taste.', { exact: false }).waitFor();
    await verifier.getByText('rejection_overruled').waitFor();
    await page.getByRole('tab', { name: 'Tasks' }).click();
    await button('Look at task 0').click();
    await page.getByRole('dialog').getByText('Rejected by your verifier: Not to my taste.', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    expect(heard).toEqual([]);
  }, 120_000);

  test('a verifier of one’s own is written on the page, costed before, and its verdicts are told beside each result and the job', async () => {
    await open('/developer/run');
    await take('Squares');
    await button('Replace')
      .click({ timeout: 1_000 })
      .catch(() => undefined);
    await page.getByText('At most 0.5%', { exact: false }).waitFor();
    await page.getByRole('combobox', { name: 'Checking' }).click();
    await page.getByRole('option', { name: /^L0/ }).click();
    await page.getByRole('switch', { name: 'Look at every result with a verifier of my own' }).check();
    await page.getByText('And at most $0.01 for your verifier.').waitFor();
    await page.getByText('One look costs at most $', { exact: false }).waitFor();

    await write('export default () => answer;', 'Verifier');
    await page.getByRole('alert').filter({ hasText: '"answer" (line 1)' }).waitFor();
    expect(await button('Run').isDisabled()).toBe(true);
    await write(
      'export default ({ input, output }: { input: number; output: number }) =>\n  input !== 3 ? output === input * input : { accept: false, reason: "I do not like three" };',
      'Verifier',
    );
    await page.getByRole('tab', { name: 'From a shell' }).click();
    await page.getByText('--verify check.ts', { exact: false }).waitFor();
    await button('Run').click();
    await page.getByText('Your verifier: 19 accepted, 1 rejected, none to be looked at.', { exact: false }).waitFor();
    await page.getByText('rejected, wrongly', { exact: true }).waitFor();
    await button('Look at task 2').click();
    await page.getByRole('dialog').getByText('Rejected by your verifier: I do not like three.', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    await page.reload();
    await page.getByText('rejected, wrongly', { exact: true }).waitFor();

    await page.getByRole('link', { name: 'Everything about this job' }).click();
    await page.getByRole('tab', { name: 'Checking' }).click();
    await page.getByRole('region', { name: 'Your own verifier' }).getByText('19 accepted, 1 rejected', { exact: false }).waitFor();
    expect(heard).toEqual([]);
  }, 120_000);

  test('every page can be used by everybody, in light and dark, on a phone and on a desk', async () => {
    await open('/developer/jobs');
    const job = await page.locator('a[href^="/developer/jobs/"]').last().getAttribute('href');
    const pages = ['', '/run', '/jobs', '/keys', '/funds', '/spending', '/reservations'].map((path) => `/developer${path}`);
    const faults: Record<string, unknown> = {};
    for (const path of [...pages, job ?? '', '/market', '/market/work:micro']) {
      await open(path);
      await page.locator('h1').first().waitFor();
      await page.waitForLoadState('networkidle');
      for (const width of [360, 1280]) {
        await page.setViewportSize({ width, height: width === 360 ? 780 : 900 });
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          const found = await seriousFaults(page);
          if (found.length > 0) faults[`${path} at ${width}, ${colorScheme}`] = found;
          if (SCREENS)
            await page.screenshot({
              path: `${SCREENS}/${path.replace(/\W+/g, '-').slice(0, 40)}-${width}-${colorScheme}.png`,
              fullPage: true,
            });
        }
        const pixels = await overflow(page);
        if (pixels > 0) faults[`${path} at ${width}`] = `${pixels} pixels too wide`;
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(faults).toEqual({});
    expect(heard).toEqual([]);
  }, 240_000);
});
