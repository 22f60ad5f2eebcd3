// @own-machine: how long a page does not get its turn is measured.
import { createHash } from 'node:crypto';
import type { LeaseTerms } from '#protocol';
import { isDeterministic, type Verdict } from '#sandbox';
import { HOSTILE_CASES } from '../../libs/sandbox/src/hostile/cases.js';
import { LIMITS, sharedRuntime, wat } from '../../libs/sandbox/src/node/testing/support.js';
import { CODE, TinyHeap } from '../support/tiny-heap.js';
import { type HeapPage, startHeapPage } from './support/heap-page.js';
import { inChromium } from './support/in-browsers.js';
import { FakePhone, type PhonePage } from './support/phone.js';
import { leastStall, STALL_MS_MAX } from './support/stall.js';

const MIB = 1024 * 1024;
const FEATURES = { bulk_memory: true, reference_types: true, simd: true };
const SETTLE_MS_MAX = 15_000;
/** `npm run test:hostile-page` runs all of them; the sandbox's own suite does so in every run. */
const EVERY = process.env.HOSTILE_WHOLE === '1' ? 1 : 6;
const CASES = HOSTILE_CASES.filter((_, i) => i % EVERY === 0);

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const leaseId = (n: number) => `00000000-0000-7000-8000-00000001${String(n).padStart(4, '0')}`;

interface Came {
  verdict: string;
  output: string;
  memory_peak_bytes: number;
}

/** A heap that gives out whatever it likes: nothing has looked at the modules before they reach the page. */
async function give(heap: TinyHeap, n: number, hostile: (typeof CASES)[number]): Promise<Came> {
  const { kind, source, limits, files } = hostile;
  const bytes = Buffer.from(kind === 'wasm' ? wat(source, FEATURES) : source);
  const codec = kind === 'wasm' ? 'bytes' : 'json';
  let metered_hash = sha256(bytes);
  let meter_id = 'heap-meter/0';
  try {
    ({ metered_hash, meter_id } = sharedRuntime().load({ kind, codec, bytes }));
  } catch {
    // Refused there as it is to be refused here, before anything is compared.
  }
  const inputs = Object.entries(files ?? {}).map(([path, text]) => ({ path, body: Buffer.from(text) }));
  for (const body of [bytes, ...inputs.map((file) => file.body)]) heap.blobs.set(sha256(body), body);
  const {
    fuel,
    stack_bytes,
    memory_bytes,
    output_bytes,
    log_bytes,
    wall_ms,
    files: names = 0,
    file_bytes = 0,
    host_calls,
  } = { ...LIMITS, ...limits };
  const lease_id = leaseId(n);
  const terms: Partial<LeaseTerms> = {
    lease_id,
    module: { hash: sha256(bytes), metered_hash, meter_id, kind, codec, bytes: bytes.length },
    limits: {
      ...{ stack_bytes, memory_bytes, output_bytes, log_bytes, wall_ms, file_bytes },
      fuel: Number(fuel),
      files: names,
      host_calls: host_calls ?? 1_000_000_000,
    },
    view: {
      args: [],
      env: {},
      files: inputs.map(({ path, body }) => ({ path, hash: sha256(body), bytes: body.length })),
      scratch: names > 0 ? { files: names, bytes: Math.max(1, file_bytes) } : null,
      seed: '',
      clock_ms: 0,
    },
  };
  heap.grant(terms);
  heap.give(lease_id, [kind === 'wasm' ? '' : 'null']);
  return heap.until(() => {
    const result = heap.of('results').find((body) => body.lease_id === lease_id)?.results[0];
    const reason = heap.of('yield').find((body) => body.lease_id === lease_id)?.reason;
    if (reason) return { verdict: reason.code === 'module_refused' ? 'refused' : reason.code, output: '', memory_peak_bytes: 0 };
    if (!result) return undefined;
    heap.end(lease_id);
    const output = 'inline' in result.output ? Buffer.from(result.output.inline, 'base64').toString() : '';
    return { verdict: result.verdict, output, memory_peak_bytes: result.memory_peak_bytes };
  });
}

inChromium('hostile tasks through the page of the agent', () => {
  let heap: TinyHeap;
  let server: HeapPage;
  let phone: FakePhone;
  let page: PhonePage;
  let before_bytes: number;
  let came: Came[];
  let slowest_click_ms: number;
  let granted = 0;

  const round = async () => {
    await page.watchClicks();
    const all: Came[] = [];
    for (const hostile of CASES) all.push(await give(heap, granted++, hostile));
    return { all, stall_ms_max: await page.slowestClick() };
  };

  beforeAll(async () => {
    heap = new TinyHeap();
    server = await startHeapPage(await heap.listen());
    phone = await FakePhone.start(server.url);
    page = await phone.open({ misfires: 10_000 });
    await page.until({ state: 'new' });
    expect(await page.join(CODE)).toBeNull();
    await page.until({ state: 'ready' });
    before_bytes = await phone.memoryBytes();
    const { all, stall_ms_max } = await round();
    came = all;
    slowest_click_ms = stall_ms_max;
  }, 600_000);
  afterAll(async () => {
    await phone?.close();
    await server?.close();
    heap?.close();
  });

  test.each(CASES.map((hostile, i) => [`${hostile.kind}: ${hostile.name}`, hostile, i] as const))('is stopped: %s', (_, hostile, i) => {
    const { verdict, output, memory_peak_bytes } = came[i] as Came;
    if (hostile.ends === 'contained') expect(isDeterministic(verdict as Verdict)).toBe(true);
    else expect(verdict).toBe(hostile.ends);
    if (hostile.output !== undefined) expect(output).toBe(hostile.output);
    expect(memory_peak_bytes).toBeLessThanOrEqual(16 * MIB);
  });

  test('the page answered each click in time, works on, and reached nobody but its heap', async () => {
    expect(await leastStall(slowest_click_ms, round)).toBeLessThan(STALL_MS_MAX);
    expect(phone.faults).toEqual([]);
    expect((await page.view()).connected).toBe(true);
  }, 600_000);

  test('memory returns', async () => {
    const end = performance.now() + SETTLE_MS_MAX;
    let grown_bytes = Number.POSITIVE_INFINITY;
    while (grown_bytes > 50 * MIB && performance.now() < end) {
      grown_bytes = (await phone.memoryBytes()) - before_bytes;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(grown_bytes).toBeLessThan(50 * MIB);
  }, 60_000);
});
