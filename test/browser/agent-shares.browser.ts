import type { ResponseOf, ROUTES } from '#protocol';
import { startTestAgent, type TestAgent } from '../support/agent.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { inline, placed, putModule } from '../support/orders.js';
import { wat } from '../support/wat.js';
import { type HeapPage, startHeapPage } from './support/heap-page.js';
import { inChromium } from './support/in-browsers.js';
import { FakePhone, type PhonePage } from './support/phone.js';

/** `npm run test:shared-job` does the thousand. */
const TASKS = process.env.SHARED_WHOLE === '1' ? 1_000 : 60;
const PHONES = 3;
/** The same chance and time for both jobs: what a program sees of them may cost it fuel. */
const WORLD = { seed: 'one for both', clock_ms: 0 };
const FUEL_LIMIT = 100_000_000_000;

/** Sums the bytes of its input over many rounds, and writes the sum: fuel and output depend on the input. */
const WASM = wat(`(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $i i32) (local $sum i32) (local $rounds i32)
    (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 64))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (local.set $rounds (i32.mul (i32.load8_u (i32.const 64)) (i32.const 3000)))
    (loop $again
      (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (i32.load8_u (i32.add (i32.const 64) (i32.and (local.get $i) (i32.const 63))))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $rounds))))
    (i32.store (i32.const 256) (local.get $sum)) (i32.store (i32.const 0) (i32.const 256)) (i32.store (i32.const 4) (i32.const 4))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`);
const JAVASCRIPT = 'export default (n) => { let x = n; for (let i = 0; i < 2000 + n; i++) x = (x * 31 + i) % 1000003; return x; };';

interface Done {
  index: number;
  verdict: string;
  fuel_used: bigint;
  output_hash: string;
  node_id: string;
}

type Receipt = ResponseOf<typeof ROUTES.getReceipt>;

inChromium('three browsers and a Node.js agent', () => {
  let broker: TestBroker;
  let heap: HeapPage;
  let owner: TestPerson;
  let developer: TestPerson;
  let phones: FakePhone[] = [];
  let pages: PhonePage[];
  let agent: TestAgent;
  beforeAll(async () => {
    broker = await startBroker();
    heap = await startHeapPage(broker.url);
    owner = await broker.person({ name: 'Owner', funds_micro: 0n });
    developer = await broker.person({ name: 'Dev', funds_micro: 1_000_000_000n });
    const hours = [{ weekdays: [1, 2, 3, 4, 5, 6, 7], from_hour: 0, to_hour: 24, price_micro: '50000' }];
    expect((await owner.call('PUT', '/v1/rules', { hours })).status).toBe(200);
    agent = await startTestAgent(broker, owner);
    phones = await Promise.all(Array.from({ length: PHONES }, () => FakePhone.start(heap.url)));
    pages = await Promise.all(
      phones.map(async (phone) => {
        const page = await phone.open();
        await page.until({ state: 'new' });
        expect(await page.join((await owner.heap.enrolmentCode()).code)).toBeNull();
        await page.until({ state: 'ready' });
        return page;
      }),
    );
  }, 240_000);
  afterAll(async () => {
    await Promise.all(phones.map((phone) => phone.close()));
    await agent?.close();
    await heap?.close();
    await broker?.close();
  });

  /** @param nodes alone may do it. */
  async function job(kind: 'wasm' | 'javascript', nodes: readonly string[], slots: number) {
    const { body } = await putModule(broker, developer, kind, kind === 'wasm' ? WASM : JAVASCRIPT);
    const inputs = Array.from({ length: TASKS }, (_, i) =>
      inline(kind === 'wasm' ? `${String.fromCharCode(33 + (i % 90))} task ${i}` : String(i)),
    );
    const terms = {
      fuel_limit: FUEL_LIMIT,
      max_price_micro: '100000',
      budget_micro: '900000000',
      slots,
      constraints: { nodes },
      view: WORLD,
    };
    const { id } = await placed(developer, body.hash, { ...terms, codec: kind === 'wasm' ? 'bytes' : 'json', inputs });
    let outcomes = 0;
    for await (const _ of developer.heap.job(id).results()) outcomes += 1;
    expect(outcomes).toBe(TASKS);
    const done = await broker.sql<Done>(
      `SELECT index, verdict, fuel_used, output_hash, node_id FROM attempt WHERE job_id = $1 AND outcome = 'accepted' ORDER BY index`,
      [id],
    );
    const receipt = (await developer.call('GET', `/v1/jobs/${id}/receipt`)).body as Receipt;
    return { done, receipt };
  }

  test.each(['wasm', 'javascript'] as const)(
    'share a job of %s and come to what one node comes to',
    async (kind) => {
      const ids = await Promise.all(pages.map(async (page) => (await page.view()).node_id ?? ''));
      const all = [...ids, agent.node_id];
      const shared = await job(kind, all, all.length);
      const alone = await job(kind, [agent.node_id], 1);
      const facts = ({ done }: typeof shared) =>
        done.map(({ index, verdict, fuel_used, output_hash }) => ({ index, verdict, fuel_used, output_hash }));
      expect(facts(shared)).toEqual(facts(alone));
      expect(facts(shared)).toHaveLength(TASKS);
      expect(new Set(shared.done.map(({ node_id }) => node_id)).size).toBeGreaterThan(1);
      expect(await broker.broken()).toEqual([]);
      const paid = ({ receipt }: typeof shared) => ({
        tasks: receipt.tasks_charged,
        fuel: receipt.fuel_charged,
        prices: [...new Set(receipt.lines.map(({ price_micro }) => price_micro))],
      });
      expect(paid(shared)).toEqual(paid(alone));
      // The charge is rounded down lease by lease.
      const leases = shared.receipt.lines.length + alone.receipt.lines.length;
      expect(Math.abs(Number(shared.receipt.charged_micro) - Number(alone.receipt.charged_micro))).toBeLessThanOrEqual(leases);
    },
    600_000,
  );
});
