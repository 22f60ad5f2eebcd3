import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { WebhookReceiver } from '../support/webhook-receiver.js';
import { CHROMIUM } from './support/chromium.js';
import { windowOf } from './support/console-pages.js';
import { inChromium } from './support/in-browsers.js';
import { complaints, overflow, seriousFaults, settled } from './support/look.js';

inChromium('notices in the console', () => {
  let broker: TestBroker;
  let ada: TestPerson;
  let receiver: WebhookReceiver;
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    broker = await startBroker({ HEAP_OUTWARD_ALLOWED: '127.0.0.1' });
    ada = await broker.person({ name: 'Ada' });
    receiver = await WebhookReceiver.start();
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    context = await windowOf(browser, broker, ada, { viewport: { width: 360, height: 740 } });
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    receiver?.close();
    await broker?.close();
  });

  async function open(path: string): Promise<{ page: Page; heard: string[] }> {
    const page = await context.newPage();
    const heard = complaints(page);
    await page.goto(path);
    await settled(page);
    return { page, heard };
  }
  /** Nothing serious, nothing too wide, nothing in the browser's console. */
  async function sound(page: Page, heard: string[]): Promise<void> {
    expect([await seriousFaults(page), await overflow(page), heard]).toEqual([[], 0, []]);
  }

  test('the bell counts, tells by itself of what is new, and is read', async () => {
    const { page, heard } = await open('/account/notifications');
    const bell = page.getByRole('button', { name: /^Notices/ });
    await broker.sql(
      `INSERT INTO payment_dispute (id, dispute_ref, deposit_id, person_id, amount, unspent) VALUES (gen_random_uuid(), 'dp_1', gen_random_uuid(), $1, 1500000, 0)`,
      [ada.person_id],
    );
    // Live: nothing is loaded anew, and what is urgent is shown at once.
    await page.getByRole('alert').getByText('A payment of 1.50 USD is disputed at the bank').waitFor();
    await bell.click();
    await page.getByRole('dialog').getByText('Until the bank has decided').waitFor();
    await sound(page, heard);
    await page.getByRole('button', { name: 'Mark all as read' }).click();
    await page.getByRole('button', { name: 'Notices', exact: true }).waitFor();
    await page.close();
  }, 60_000);

  test('a person chooses by a press what is mailed, confirms an address, and keeps quiet hours', async () => {
    const { page, heard } = await open('/account/notifications');
    const mail = page.getByRole('switch', { name: 'Your balance: E-mail' });
    const kept = page.waitForResponse((response) => response.request().method() === 'PUT');
    await mail.press('Space');
    await kept;
    const chosen = (await ada.call('GET', '/v1/notices/choices')).body;
    expect(chosen.groups.find(({ group }: { group: string }) => group === 'funds').channels[1]).toEqual({
      channel: 'email',
      on: false,
      fixed: false,
    });
    expect(await page.getByRole('switch', { name: 'Security of your account: E-mail' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Send the link that confirms it' }).click();
    await page.getByText(`A link is on its way to ${ada.email}`).waitFor();
    await page.getByLabel('Keep quiet hours').press('Space');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect((await ada.call('GET', '/v1/notices/choices')).body.quiet_hours).toMatchObject({ from_minute: 1320, until_minute: 420 });
    await sound(page, heard);

    await page.goto('/dev/mail');
    await page.getByRole('link', { name: 'Is this your address?' }).click();
    await page.getByRole('link', { name: /confirm-address/ }).click();
    await page.getByRole('button', { name: 'Confirm it' }).click();
    await page.getByText(`${ada.email} is confirmed`).waitFor();
    await sound(page, heard);
    await page.close();
  }, 60_000);

  test('a webhook is made, tried, renewed, switched off and removed', async () => {
    const { page, heard } = await open('/account/webhooks');
    await page.getByLabel('Address').fill(receiver.url);
    await page.getByRole('button', { name: 'Make it' }).click();
    const secret = (await page.getByText(/^whsec_/).textContent()) ?? '';
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByRole('table').getByText('webhook.test').waitFor();
    expect(await receiver.verified(secret)).toMatchObject([{ type: 'webhook.test' }]);
    await sound(page, heard);
    await page.getByRole('button', { name: 'Send again' }).click();
    await receiver.until(2);
    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    expect(await page.getByText(/^whsec_/).textContent()).not.toBe(secret);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('You switched it off.').waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove it with its log' }).click();
    await page.getByText('No webhook yet').waitFor();
    await sound(page, heard);
    await page.close();
  }, 60_000);
});
