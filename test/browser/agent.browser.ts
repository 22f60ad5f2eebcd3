import type { Browser } from 'playwright-core';
// @own-machine: within a second the device is the user’s again.
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { type HeapPage, startHeapPage } from './support/heap-page.js';
import { inChromium } from './support/in-browsers.js';
import { FakePhone, type PhonePage, startChromium } from './support/phone.js';

/** A second or so of QuickJS on a busy machine. */
const busy = (n: number) => {
  let x = 0;
  for (let i = 0; i < n; i++) x = (x * 31 + i) % 1000003;
  return x;
};
const LONG = 3_000_000;
/** `npm run test:offline-minute` stays away for a minute more than the tasks take. */
const AWAY_MS = Number(process.env.AWAY_MS ?? 0);
const TERMS = { fuelLimit: 100_000_000_000, maxPrice: 100_000n, budget: 50_000_000n };
const CENT = 10_000n;
const AT_WORK = { state: 'working', work: { 0: { running: true } } } as const;
const NO_WORK = { work: { length: 0 } } as const;
const GIVEN_BACK_WITHIN_MS = 1_000;
/** A minute on a quiet machine, several times that where everything else is tested at the same time. */
const MACHINE_BUSY = 3;

inChromium('the browser agent on a phone', () => {
  let broker: TestBroker;
  let heap: HeapPage;
  let owner: TestPerson;
  let developer: TestPerson;
  let phone: FakePhone;
  let browser: Browser;
  beforeAll(async () => {
    broker = await startBroker();
    heap = await startHeapPage(broker.url);
    browser = await startChromium();
    owner = await broker.person({ name: 'Owner', funds_micro: 0n });
    developer = await broker.person({ name: 'Dev', funds_micro: 1_000_000_000n });
  });
  beforeEach(async () => {
    heap.away = false;
    phone = await FakePhone.start(heap.url, browser);
  });
  afterEach(async () => {
    await phone?.close();
    expect(phone.faults).toEqual([]);
    expect(await broker.broken()).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await heap?.close();
    await broker?.close();
  });

  const code = async () => (await owner.heap.enrolmentCode()).code;
  const idle = [{ state: 'ready' }, { state: 'working' }] as const;

  async function joined(): Promise<PhonePage> {
    const page = await phone.open();
    await page.until({ state: 'new' });
    expect(await page.join(await code())).toBeNull();
    await page.until(...idle);
    return page;
  }

  /** So many tasks of a second or so each; resolves with the job when all have a result. */
  async function work(tasks: number): Promise<{ job_id: string; values: unknown[] }> {
    const run = developer.heap.map(
      busy,
      Array.from({ length: tasks }, () => LONG),
      { ...TERMS, orderedResults: true },
    );
    const values: unknown[] = [];
    for await (const { value } of run) values.push(value);
    return { job_id: (await run.job).id, values };
  }

  /** Every task has one accepted attempt, and the job was charged the sum of them. */
  async function paidOnce(job_id: string, tasks: number): Promise<void> {
    const [row] = await broker.sql<{ accepted: bigint; charged: bigint; job: bigint }>(
      `SELECT count(*) AS accepted, sum(charge_micro)::bigint AS charged, (SELECT charged_micro FROM job WHERE id = $1) AS job
       FROM attempt WHERE job_id = $1 AND outcome = 'accepted'`,
      [job_id],
    );
    expect(row).toEqual({ accepted: BigInt(tasks), charged: row?.job, job: row?.job });
  }

  test('hidden or touched it stops within a second, by its own measure and by the processor’s', async () => {
    const page = await joined();
    const result = work(3);
    await page.until(AT_WORK);
    const hidden_ms = performance.now();
    await page.show(false);
    const hidden = await page.until({ state: 'paused', reason: { code: 'page_hidden' }, give_backs: { count: 1 }, ...NO_WORK });
    expect(performance.now() - hidden_ms).toBeLessThan(GIVEN_BACK_WITHIN_MS);
    expect(hidden.give_back_ms).toBeLessThan(GIVEN_BACK_WITHIN_MS);
    expect(await phone.processorShare()).toBeLessThan(0.2);
    await page.show(true);
    await page.until(AT_WORK);
    await page.page.click('#press');
    const touched = await page.until({ state: 'paused', reason: { code: 'in_use' }, give_backs: { count: 2 }, ...NO_WORK });
    expect(touched.give_back_ms).toBeLessThan(GIVEN_BACK_WITHIN_MS);
    const { job_id, values } = await result;
    expect(values).toEqual([busy(LONG), busy(LONG), busy(LONG)]);
    await paidOnce(job_id, 3);
  }, 180_000);

  test('a tab that is killed in the middle of a lease comes back as the same device; nothing is lost and nothing paid twice', async () => {
    const page = await joined();
    const result = work(4);
    const before = await page.until(AT_WORK);
    await page.until({ tasks_done: 1 }, { tasks_done: 2 });
    await page.crash();
    const again = await phone.open();
    const after = await again.until(...idle);
    expect(after.node_id).toBe(before.node_id);
    const { job_id } = await result;
    await paidOnce(job_id, 4);
  }, 180_000);

  test('what is finished while the network is away arrives afterwards, also through a reload, and whatever the clock says then', async () => {
    const page = await joined();
    const result = work(6);
    await page.until(AT_WORK);
    heap.away = true;
    heap.cut();
    // The tasks were there already: they finish without a heap to tell.
    await page.until({ state: 'offline' });
    const away = await page.until(...[1, 2, 3, 4, 5, 6].map((unconfirmed) => ({ unconfirmed })));
    expect(away.tasks_done).toBeGreaterThan(0);
    await page.page.waitForTimeout(AWAY_MS);
    await page.page.context().addInitScript('const now = Date.now; Date.now = () => now() + 400 * 86_400_000;');
    heap.away = false;
    await page.page.reload();
    await page.until(...idle);
    await page.until({ unconfirmed: 0 });
    const { job_id } = await result;
    await paidOnce(job_id, 6);
  }, 180_000);

  test('runs in one tab, which another takes over from, and goes on waiting for its owner’s hold', async () => {
    const first = await joined();
    expect(await first.hold(3_600_000)).toBeLessThan(GIVEN_BACK_WITHIN_MS);
    const second = await phone.open();
    const waiting = await second.until({ state: 'elsewhere' });
    expect(waiting.reason.code).toBe('elsewhere');
    expect(await second.join(await code())).toMatchObject({ refused: 'runs_elsewhere' });
    await first.page.close();
    const taken = await second.until({ state: 'paused', reason: { code: 'held_by_owner' } });
    expect(taken.held_until_ms).toBeGreaterThan(Date.now());
    await second.resume();
    await second.until(...idle);
  }, 120_000);

  test('whose storage is cleared says so, and joins again as another device', async () => {
    const page = await joined();
    const { node_id } = await page.view();
    await page.cdp.send('Storage.clearDataForOrigin', { origin: heap.url, storageTypes: 'all' });
    const cleared = await page.until({ state: 'new' });
    expect(cleared.reason.code).toBe('storage_cleared');
    expect(await page.join(await code())).toBeNull();
    await page.until(...idle);
    expect((await page.view()).node_id).not.toBe(node_id);
  }, 120_000);

  test('leaves for good, and what its owner takes out stops and says so', async () => {
    const page = await joined();
    const { node_id } = await page.view();
    expect(await page.setKind('netbook')).toBeNull();
    expect(await page.view()).toMatchObject({ kind: 'netbook', kind_by_owner: true });
    await page.until(...idle);
    expect(await page.leave()).toEqual({ undelivered: 0, taken_out: true });
    expect(await page.view()).toMatchObject({ state: 'new', node_id: null, reason: { code: 'left' } });
    expect((await owner.heap.nodes()).some(({ id }) => id === node_id)).toBe(false);
    expect(await page.join('a code that nobody gave away')).toMatchObject({ refused: 'enrolment_code_refused' });
    expect(await page.join(await code())).toBeNull();
    await page.until(...idle);
    await owner.call('DELETE', `/v1/nodes/${(await page.view()).node_id}`);
    expect((await page.until({ state: 'revoked' })).reason.code).toBe('revoked');
  }, 120_000);

  test('rests with a reason for each rule, also where the browser does not tell', async () => {
    const page = await joined();
    const because = async (feel: Parameters<PhonePage['feel']>[0], code: string) => {
      await page.feel(feel);
      expect((await page.until({ state: 'paused', reason: { code } })).reason.sentence).toMatch(/\.$/);
    };
    await because({ charging: false }, 'not_charging');
    await because({ charging: true, level: 0.5 }, 'battery_low');
    await because({ level: 1, network: 'cellular' }, 'metered_network');
    await because({ network: 'wifi', save_data: true }, 'metered_network');
    await because({ save_data: false, network: 'unknown' }, 'metered_unknown');
    await page.setRules({ trust_unknown: true });
    await page.until(...idle);
  }, 120_000);

  test('a slow browser without Ed25519 joins with a P-256 key and still checks the heap’s signatures', async () => {
    await phone.context.addInitScript(`for (const name of globalThis.SubtleCrypto ? ['generateKey', 'importKey'] : []) {
      const own = SubtleCrypto.prototype[name];
      SubtleCrypto.prototype[name] = function (...given) {
        if (given.includes('Ed25519')) return Promise.reject(new DOMException('not here', 'NotSupportedError'));
        return own.apply(this, given);
      };
    }`);
    const page = await joined();
    const { node_id } = await page.view();
    expect(await broker.sql('SELECT key_algorithm::text FROM node WHERE id = $1', [node_id])).toEqual([{ key_algorithm: 'p256' }]);
    await page.slow(6);
    const { job_id } = await work(1);
    await paidOnce(job_id, 1);
  }, 120_000);

  test('from the code to the first cent in under a minute', async () => {
    const newcomer = await broker.person({ name: 'Newcomer', funds_micro: 0n });
    const page = await phone.open();
    await page.until({ state: 'new' });
    const began_ms = performance.now();
    expect(await page.join((await newcomer.heap.enrolmentCode()).code)).toBeNull();
    await newcomer.call('PUT', '/v1/rules', {
      hours: [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from_hour: 0, to_hour: 24, price_micro: '500000000' }],
    });
    const run = developer.heap.map(
      (n: number) => n * n,
      Array.from({ length: 20 }, (_, i) => i),
      { maxPrice: 1_000_000_000n, budget: 900_000_000n },
    );
    const values: unknown[] = [];
    for await (const { value } of run) values.push(value);
    expect(values).toHaveLength(20);
    const { earned_micro } = await newcomer.heap.earnings();
    expect(earned_micro).toBeGreaterThanOrEqual(CENT);
    const view = await page.until({ earned_micro: String(earned_micro) });
    expect(performance.now() - began_ms).toBeLessThan(60_000 * MACHINE_BUSY);
    expect(view).toMatchObject({ kind: 'phone', currency: 'USD', earned_today_micro: view.earned_micro, tasks_done: 20 });
  }, 240_000);
});
