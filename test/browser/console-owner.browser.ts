import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { NO_RULES } from '#protocol';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession } from '../support/fake-node.js';
import { CHROMIUM } from './support/chromium.js';
import { windowOf } from './support/console-pages.js';
import { inChromium } from './support/in-browsers.js';
import { complaints, focused, settled } from './support/look.js';

const PATIENCE_MS = 30_000;

/** Does what its owner says at the heap, as an agent does, and says so. */
async function obey(session: FakeSession): Promise<{ rules: unknown; held: boolean }> {
  const { rules, hold } = await session.next('wish');
  const kept = rules
    ? { ...rules, origin: 'heap' as const, since_ms: 0 }
    : { version: 0, origin: 'device' as const, rules: NO_RULES, since_ms: 0 };
  session.send('owner', { rules: kept, own_rules_only: false, hold: hold && { ...hold, origin: 'heap' } });
  const code = hold?.held ? 'held_by_owner' : 'ready';
  const sentence = hold?.held ? 'Its owner holds it until 2030-01-01 10:00 UTC.' : 'Free.';
  session.send('offer', { slots: [], speed_fuel_per_ms: 100_000, available: !hold?.held, reason: { code, sentence } });
  return { rules: rules?.rules, held: hold?.held ?? false };
}

inChromium("an owner's pages", () => {
  let broker: TestBroker;
  let owner: TestPerson;
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    broker = await startBroker();
    owner = await broker.person({ name: 'Olga', roles: ['owner'], funds_micro: 0n });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    context = await windowOf(browser, broker, owner, { viewport: { width: 1_280, height: 900 } });
  }, 300_000);
  afterAll(async () => {
    await context?.close();
    await browser?.close();
    await broker?.close();
  });

  test('from no device to one whose week is set by keyboard and which is held, with the reason that it gives', async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const heard = complaints(page);
    await page.goto('/owner');
    await page.getByRole('heading', { name: 'No device yet' }).waitFor();
    expect(await page.getByRole('link', { name: 'Join with this device' }).getAttribute('href')).toBe('/join');
    await page.getByRole('button', { name: 'Make a code' }).click();
    const code = /agent (\S+)/.exec((await page.locator('pre').first().textContent()) ?? '')?.[1] ?? '';
    const node = await FakeNode.enrol(broker, owner, { code, name: 'Attic' });
    const session = await node.online({ slots: 1 });
    session.send('owner', { rules: { version: 0, origin: 'device', rules: NO_RULES, since_ms: 0 }, own_rules_only: false, hold: null });
    // Without a reload: the device is there when it has come.
    await page.getByRole('link', { name: 'Attic' }).click();
    await settled(page);

    await page.getByRole('button', { name: 'Monday, 00:00 to 01:00' }).focus();
    await page.keyboard.press('Space');
    for (let hour = 1; hour < 8; hour++) await page.keyboard.press('Shift+ArrowRight');
    expect(await focused(page)).toBe('Monday, 07:00 to 08:00');
    await page.getByRole('button', { name: 'Copy Monday to all days' }).press('Enter');
    await page.getByRole('button', { name: 'Save rules' }).press('Enter');
    const { rules } = await obey(session);
    expect(rules).toMatchObject({ hours: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from_minute: 480, to_minute: 1_440 }] });
    await page.getByText('On the device.').first().waitFor();
    await page.getByText('set here').waitFor();

    await page.getByRole('button', { name: 'Hold now' }).click();
    expect((await obey(session)).held).toBe(true);
    session.send('given', { reason: { code: 'held_by_owner', sentence: 'Held.' }, took_ms: 41, leases: 1, ago_ms: 0 });
    await page.getByText('Its owner holds it until 2030-01-01 10:00 UTC.').waitFor();
    await page.getByText('Given back once, within 41 ms.').first().waitFor();
    await page.getByRole('button', { name: 'Release' }).click();
    expect((await obey(session)).held).toBe(false);
    expect(heard).toEqual([]);
    await session.vanish();
    await page.close();
  }, 180_000);

  test('many devices by one link, and one deed on all of them', async () => {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const heard = complaints(page);
    await page.goto('/owner/add');
    await page.getByLabel('What it is for').fill('Class 7b');
    await page.getByRole('button', { name: 'Make the link' }).click();
    await page.getByRole('img', { name: 'QR code: Class 7b' }).waitFor();
    const link = /#(many-\S+)/.exec((await page.locator('pre').allTextContents()).join(' '))?.[1] ?? '';
    const code: string = (await owner.call('POST', '/v1/enrolment-links/uses', { code: link })).body.code;
    await FakeNode.enrol(broker, owner, { code, name: 'Desk 1' });
    await page.getByRole('button', { name: 'Close Class 7b' }).click();
    await page.getByText('You have closed it.').waitFor();

    await page.goto('/owner');
    await page.getByLabel('Choose all that are shown').check();
    await page.getByRole('button', { name: 'Hold', exact: true }).click();
    await page.getByText('Done on all of them.').waitFor();
    expect((await owner.heap.nodes()).map(({ hold }) => hold.held)).toEqual([true, true]);
    expect(heard).toEqual([]);
    await page.close();
  }, 120_000);
});
