// @own-machine: audits are answered in time or count against the keeper.
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { parseCapability } from '#erasure';
import { Heap, type VolumeHealth } from '#sdk';
import { type LocalHeap, startLocalHeap } from '../chaos/local-heap.js';
import { until } from '../chaos/until.js';
import { Contents, lengthsOf } from './content.js';
import { Keepers } from './keepers.js';
import { inFiles, inMemory } from './look-for.js';

/**
 * Files on the disks of real agents: 30 % of the devices are killed, the pieces of others are corrupted behind their backs, the heap repairs, and every
 * file is what it was. The heap itself never holds a byte of them, nor a key. `npm run test:volumes` takes 60 devices and 200 files up to 64 MiB.
 */
const WHOLE = process.env.VOLUMES_WHOLE === '1';
const PLAN = WHOLE
  ? ({
      volume_class: 'standard',
      devices: 60,
      processes: 10,
      killed: 3,
      corrupt: 0.05,
      files: Number(process.env.VOLUMES_FILES ?? 200),
      largest: Number(process.env.VOLUMES_LARGEST_MIB ?? 64) * 1024 * 1024,
      audit_s: 60,
      missing_s: 20,
    } as const)
  : ({
      volume_class: 'small',
      devices: 14,
      processes: 7,
      killed: 2,
      corrupt: 0.05,
      files: 12,
      largest: 2 * 1024 * 1024,
      audit_s: 4,
      missing_s: 3,
    } as const);
const MINUTE_MS = 60_000;
const PATIENCE_MS = WHOLE ? 30 * MINUTE_MS : MINUTE_MS;
/** Files at a time. */
const AT_A_TIME = 3;
const KEYS = WHOLE ? 8 : 1;
const NAME = `volume ${randomUUID()}`;

const contents = new Contents(randomUUID());
const lengths = lengthsOf(PLAN.files, PLAN.largest);
let local: LocalHeap;
let keepers: Keepers;
let heap: Heap;
let volume: VolumeHealth;

const began_ms = performance.now();
/** What a run of many minutes is at. */
function told(what: string): void {
  if (WHOLE) console.error(`${Math.round((performance.now() - began_ms) / 1000)} s  ${what}`);
}

/** Tells of each tenth part that is done. */
function counted(what: string, of: number): () => void {
  let done = 0;
  const step = Math.ceil(of / 10);
  return () => {
    if (++done % step === 0 || done === of) told(`${done} of ${of} files ${what}`);
  };
}

async function each<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  const waiting = items.entries();
  const worker = async () => {
    for (const [index, item] of waiting) await work(item, index);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
}

beforeAll(async () => {
  local = await startLocalHeap({
    agents: 0,
    agent_env: {},
    env: {
      HEAP_AUDIT_SECONDS: String(PLAN.audit_s),
      HEAP_AUDIT_ANSWER_MS: '5000',
      HEAP_PIECE_MISSING_SECONDS: String(PLAN.missing_s),
      HEAP_VOLUMES_LOOK_MS: '250',
      HEAP_REPAIR_BYTES_PER_DAY: '0',
      HEAP_CALLER_REQUESTS_PER_MINUTE: '1000000',
      HEAP_ADDRESS_REQUESTS_PER_MINUTE: '1000000',
      HEAP_SIGN_IN_ATTEMPTS_PER_MINUTE: '100000',
    },
    log: () => undefined,
  });
  heap = new Heap({ url: local.url, apiKey: local.api_key });
  keepers = await Keepers.start(local.url, PLAN);
  const { id } = await heap.volumes.create({
    name: NAME,
    class: PLAN.volume_class,
    gigabytes: PLAN.volume_class === 'small' ? 3 : 10,
    maxPrice: '0.01',
    months: 1,
  });
  volume = await heap.volumes.ready(id, { signal: AbortSignal.timeout(2 * MINUTE_MS) });
}, 5 * MINUTE_MS);

afterAll(async () => {
  await keepers?.close();
  await local?.stop();
  if (local) fs.rmSync(local.data_dir, { recursive: true, force: true });
  told('cleared away');
}, 10 * MINUTE_MS);

/** The canary, and keys of files: what the heap must not have. */
const secretsOf = (capabilities: readonly string[]): Buffer[] => [
  contents.canary,
  ...capabilities.slice(-KEYS).map((text) => {
    const capability = parseCapability(text);
    return Buffer.from(capability.level === 'read' ? capability.key : []);
  }),
];

/** @param there What the heap must have: it is found by the same look. */
function expectOnly(there: string, look: (patterns: readonly Buffer[]) => Map<Buffer, string>, secrets: readonly Buffer[]): void {
  const control = Buffer.from(there);
  const found = look([...secrets, control]);
  expect(found.delete(control)).toBe(true);
  expect([...found.values()]).toEqual([]);
}
const expectNothingInMemory = (secrets: readonly Buffer[]) =>
  expectOnly(local.data_dir, (patterns) => inMemory(local.broker.pid, patterns), secrets);
const expectNothingOnDisk = (secrets: readonly Buffer[]) => expectOnly(NAME, (patterns) => inFiles(local.data_dir, patterns), secrets);

test(
  'files outlive the loss of devices and of bytes, and the heap never sees them',
  async () => {
    const capabilities: string[] = [];
    // The large ones first, so that the end is not one file long.
    const order = [...lengths.keys()].reverse();
    const stored = counted('stored', order.length);
    await each(order, async (file) => {
      capabilities[file] = await heap.put(contents.stream(file, lengths[file] as number), { volume: volume.id, patienceMs: PATIENCE_MS });
      stored();
    });
    const secrets = secretsOf(capabilities);
    expectNothingInMemory(secrets);

    const before = keepers.groups.flatMap(({ dirs }) => dirs).length;
    expect((await keepers.kill(PLAN.killed)) / before).toBeGreaterThanOrEqual(0.28);
    const corrupted_at = new Date();
    const pieces = keepers.pieces().length;
    const corrupted = keepers.corrupt(PLAN.corrupt);
    expect(corrupted / pieces).toBeGreaterThanOrEqual(PLAN.corrupt);
    told(
      `${before - keepers.groups.flatMap(({ dirs }) => dirs).length} of ${before} devices killed, ${corrupted} of ${pieces} pieces corrupted`,
    );

    let health: VolumeHealth | undefined;
    await until(`the volume is repaired`, PATIENCE_MS, async () => {
      health = await heap.volumes.get(volume.id);
      const proven = health.oldest_audit_at !== null && new Date(health.oldest_audit_at) > corrupted_at;
      const repaired = health.least !== null && health.least.above_repair > 0 && health.segments.repairing === 0;
      return proven && repaired ? true : undefined;
    }).catch((error: unknown) => {
      throw new Error(
        `${error instanceof Error ? error.message : error}: ${JSON.stringify(health, (_, value) => (typeof value === 'bigint' ? String(value) : value))}`,
      );
    });
    expect(health?.segments.lost).toBe(0);
    told('repaired');

    let wrong = 0;
    const read = counted('read, byte by byte the same', order.length);
    await each(order, async (file) => {
      const expected = contents.of(file, lengths[file] as number);
      let at = 0;
      for await (const part of heap.get(capabilities[file] as string, { onWrong: () => wrong++ })) {
        expect(Buffer.compare(part, expected.subarray(at, at + part.length))).toBe(0);
        at += part.length;
      }
      expect(at).toBe(expected.length);
      read();
    });
    expectNothingInMemory(secrets);
    expectNothingOnDisk(secrets);
    told('neither its memory nor its disk has a byte or a key of them');
    const report = await heap.check(capabilities[Math.floor(PLAN.files / 2)] as string, { deep: true });
    expect(report).toMatchObject({ healthy: true, genuine: true });
    // Every corrupted piece was found and replaced before anybody read it.
    expect(wrong).toBe(0);
  },
  2 * PATIENCE_MS + 5 * MINUTE_MS,
);
