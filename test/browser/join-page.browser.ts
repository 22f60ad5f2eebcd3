import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { CHROMIUM } from './support/chromium.js';
import { inChromium } from './support/in-browsers.js';
import { ANSWERS, type JoinHarness, startJoinHarness } from './support/join-harness.js';
import { complaints, focused, overflow, seriousFaults, until } from './support/look.js';

const SCENES = [
  ...['starting', 'new', 'joining', 'elsewhere', 'offline', 'ready', 'working', 'paused', 'held'],
  ...['leaving', 'stopped', 'revoked', 'failed', 'console'],
];
const WIDTHS = [320, 390, 768, 1280];
const TELEVISION = { viewport: { width: 1920, height: 1080 } };
const CODE = 'a-code-of-enough-characters';

inChromium('the page of /join', () => {
  let harness: JoinHarness;
  let browser: Browser;
  const opened: Page[] = [];
  beforeAll(async () => {
    harness = await startJoinHarness();
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  });
  afterEach(async () => {
    for (const page of opened.splice(0)) await page.context().close();
    Object.assign(harness.answers, structuredClone(ANSWERS));
    harness.sent.length = 0;
  });
  afterAll(async () => {
    await browser?.close();
    await harness?.close();
  });

  async function open(scene: string, options: BrowserContextOptions = {}, fragment = '') {
    const page = await (await browser.newContext({ viewport: { width: 390, height: 844 }, ...options })).newPage();
    opened.push(page);
    const heard = complaints(page);
    await page.goto(`${harness.url}/?${scene}${fragment}`);
    await page.getByText('Library heap').waitFor();
    return { page, heard };
  }
  const asked = (page: Page) => page.evaluate<unknown[]>('fakeAgent.asked');
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

  test('everybody can use every state of it, in light and dark, from 320 pixels on, and nothing complains', async () => {
    const { page, heard } = await open('starting');
    const faults: Record<string, unknown> = {};
    for (const scene of SCENES) {
      await page.goto(`${harness.url}/?${scene}`);
      await page.getByText('Library heap').waitFor();
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 700 });
        const pixels = await overflow(page);
        if (pixels > 0) faults[`${scene} at ${width}`] = `${pixels} pixels too wide`;
      }
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const found = await seriousFaults(page);
        if (found.length > 0) faults[`${scene} in the ${colorScheme}`] = found;
      }
    }
    expect(faults).toEqual({});
    expect(heard).toEqual([]);
  });

  test('an invitation needs one press; its code leaves the address and survives a reload', async () => {
    const { page } = await open('new', {}, `#${CODE}`);
    await page.getByText('You were invited').waitFor();
    expect(page.url()).not.toContain(CODE);
    await page.reload();
    await button(page, 'Join with this device').click();
    await page.getByRole('heading', { name: 'Waiting for work' }).waitFor();
    expect(await asked(page)).toEqual([['join', CODE, { wake_lock: false, name: null, kind: null }]]);
  });

  test('an invitation that is used says so and offers the other way', async () => {
    const { page } = await open('new', {}, '#used-code-of-enough-characters');
    await button(page, 'Join with this device').click();
    expect(await page.getByRole('alert').textContent()).toContain('This invitation is no longer good');
    await page.getByLabel('E-mail address').waitFor();
  });

  test('without an invitation the same press makes an account and a code', async () => {
    Object.assign(harness.answers, {
      'POST /api/auth/sign-up/email': { body: {} },
      'POST /v1/enrolment-codes': { body: { code: CODE } },
    });
    const { page } = await open('new');
    await page.getByLabel('Your name').fill('Ada');
    await page.getByLabel('E-mail address').fill('ada@example.org');
    await page.getByLabel('Password').fill('correct horse');
    await page.getByRole('switch', { name: /Keep the screen on/ }).check();
    await button(page, 'Join with this device').click();
    await page.getByRole('heading', { name: 'Waiting for work' }).waitFor();
    expect(harness.sent[0]).toEqual({
      to: 'POST /api/auth/sign-up/email',
      body: { name: 'Ada', email: 'ada@example.org', password: 'correct horse' },
    });
    expect(await asked(page)).toEqual([['join', CODE, { wake_lock: true, name: null, kind: null }]]);
  });

  test('what the heap refuses is told in its own sentence', async () => {
    harness.answers['POST /api/auth/sign-in/email'] = {
      status: 401,
      body: { code: 'invalid_email_or_password', detail: 'That is wrong.' },
    };
    const { page } = await open('new');
    await button(page, 'I have an account').click();
    await page.getByLabel('E-mail address').fill('ada@example.org');
    await page.getByLabel('Password').fill('wrong');
    await button(page, 'Join with this device').click();
    expect(await page.getByRole('alert').textContent()).toBe('That is wrong.');
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('ada@example.org');
  });

  test('holds for the time that was chosen, counts it down, and goes on', async () => {
    const { page } = await open('working');
    await button(page, '15 min').click();
    await button(page, 'Hold now').click();
    await page.getByText(/Goes on by itself in (15:00|14:5\d)/).waitFor();
    await page.getByText('Given back within 42 ms.').waitFor();
    await button(page, 'Go on working').click();
    await page.getByRole('heading', { name: 'Waiting for work' }).waitFor();
    expect(await asked(page)).toEqual([['hold', 900_000], ['resume']]);
  });

  test('leaves only after it was asked twice', async () => {
    const { page } = await open('ready');
    await button(page, 'Stop and leave').click();
    await button(page, 'Stay').click();
    expect(await asked(page)).toEqual([]);
    await button(page, 'Stop and leave').click();
    await page.keyboard.press('Escape');
    expect(await asked(page)).toEqual([]);
    await button(page, 'Stop and leave').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Stop and leave' }).click();
    await page.getByRole('heading', { name: 'This device has left' }).waitFor();
    expect(await asked(page)).toEqual([['leave']]);
  });

  test('shows what it computes, what that may see, and why it is paused', async () => {
    const { page } = await open('working');
    await page.getByText('For a developer who says it is simulation, mathematics and research.').waitFor();
    await page.getByText('Computes from its input alone and sees no files.').waitFor();
    await page.goto(`${harness.url}/?paused`);
    await page.getByText('The device is not charging: it works only while it does').waitFor();
    await page.getByText('Why is it so?').click();
    await page.getByText('The device is not charging.', { exact: true }).waitFor();
  });

  test('a kind that was guessed wrong is corrected, and a television gets large type', async () => {
    const { page } = await open('ready', TELEVISION);
    const size = () => page.evaluate<number>('parseFloat(getComputedStyle(document.body).fontSize)');
    expect(await size()).toBe(16);
    await button(page, 'Change').click();
    await button(page, 'a television or set-top box').click();
    expect(await asked(page)).toEqual([['setKind', 'settop']]);
    expect(await size()).toBeGreaterThan(28);
  });

  test('a new version waits until nothing is under way, or until it is told to start', async () => {
    const { page } = await open('working');
    await page.evaluate('fakeUpdates.show("waiting")');
    await page.getByText('A new version is ready.').waitFor();
    expect(await page.evaluate('fakeUpdates.applied')).toBe(0);
    await page.evaluate('fakeAgent.show({ quiet: true })');
    await until(page, 'fakeUpdates.applied === 1');
    await page.goto(`${harness.url}/?working`);
    await page.evaluate('fakeUpdates.show("waiting")');
    await button(page, 'Start it now').click();
    // Both the press and the quiet that follows it start the new version; the second time changes nothing.
    await until(page, 'fakeUpdates.applied >= 1');
    expect(await asked(page)).toEqual([['stop']]);
  });

  test('rules change by switches', async () => {
    const { page } = await open('ready');
    await page.getByRole('switch', { name: /Only while charging/ }).uncheck();
    expect(await asked(page)).toEqual([['setRules', { charging: false }]]);
  });

  test('keeps nothing for others until its owner says how much, of what the browser allows', async () => {
    const { page } = await open('ready');
    const choice = page.getByRole('group', { name: /How much it may keep. The browser lets this page have 12/ });
    expect(await choice.getByRole('button').allTextContents()).toEqual(['nothing', '1 GB', '2 GB', '5 GB', '10 GB']);
    expect(await choice.getByRole('button', { pressed: true }).textContent()).toBe('nothing');
    await choice.getByRole('button', { name: '5 GB' }).click();
    expect(await asked(page)).toEqual([['setRules', { storage_bytes: 5_000_000_000 }]]);
    const working = await open('working');
    await working.page.getByText('It keeps 2 GB of 5 GB in 1204 pieces.').waitFor();
  });

  test('arrows, Enter and a way back are enough', async () => {
    const { page } = await open('console', TELEVISION);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe('Hold now');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    expect(await focused(page)).toBe('15 min');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    expect(await asked(page)).toEqual([['hold', 900_000]]);
    const seen = new Set<string>();
    for (let i = 0; i < 30 && !seen.has('Stop and leave'); i++) {
      await page.keyboard.press(i === 0 ? 'ArrowRight' : 'ArrowDown');
      seen.add(await focused(page));
    }
    expect([...seen]).toContain('Stop and leave');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    expect(await focused(page)).toBe('Stay');
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('Stop and leave');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('a game pad does the same', async () => {
    const { page } = await open('console', TELEVISION);
    // Chromium has no pad to plug in: the page is shown one.
    await page.evaluate(`(() => {
      const pad = { index: 0, axes: [0, 0], buttons: Array.from({ length: 17 }, () => ({ pressed: false })) };
      navigator.getGamepads = () => [pad];
      globalThis.press = (button, pressed) => { pad.buttons[button].pressed = pressed; };
      dispatchEvent(new Event('gamepadconnected'));
    })()`);
    const press = async (index: number) => {
      await page.evaluate(`press(${index}, true)`);
      await page.waitForTimeout(150);
      await page.evaluate(`press(${index}, false)`);
      await page.waitForTimeout(150);
    };
    await press(13);
    await until(page, 'document.activeElement.textContent === "Hold now"');
    await press(0);
    await until(page, 'fakeAgent.asked.length === 1');
    expect(await asked(page)).toEqual([['hold', 3_600_000]]);
  });
});
