import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { type RunningAgent, startAgent } from '../../apps/agent/src/start-agent.js';
import { until } from '../chaos/until.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { eventually, fetchPiece, volumeOf, volumeView } from '../support/volumes.js';

const DEVICES = 5;
let broker: TestBroker;
let ann: TestPerson;
let dir: string;
let volume: string;
const agents: RunningAgent[] = [];

/** A device of an owner of its own, with a disk of its own. */
async function begin(n: number, code: string | null = null): Promise<RunningAgent> {
  return startAgent({
    dir: path.join(dir, String(n)),
    url: broker.url,
    enrolment_code: code,
    name: `disk ${n}`,
    kind: 'server',
    slots: 1,
    slot_class: 'micro',
    reserve_price_micro: null,
    kept: { standing: [], storage: [{ storage_class: 'standard', bytes: 4_000_000_000, reserve_price_micro: 1_000n }] },
    logger: pino({ level: 'silent' }),
    speed_fuel_per_ms: 100_000,
    bounds: { reconnect_base_ms: 100, disk_spare_bytes: 0 },
  });
}

beforeAll(async () => {
  broker = await startBroker({ HEAP_HOLDBACK_SECONDS: '0' });
  ann = await broker.person({ funds_micro: 50_000_000n });
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'disks '));
  for (let n = 0; n < DEVICES; n++) agents.push(await begin(n, (await (await broker.person()).heap.enrolmentCode()).code));
  volume = await volumeOf(ann);
  await eventually(
    'a volume on all devices',
    broker,
    () => volumeView(ann, volume),
    ({ state, devices }) => state === 'READY' && devices.independent === DEVICES,
  );
}, 120_000);
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop(0)));
  await broker?.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const filesOf = (n: number): string[] =>
  fs
    .readdirSync(path.join(dir, String(n), 'pieces'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.piece'))
    .map((name) => path.join(dir, String(n), 'pieces', name));
/** Pieces that the heap has no copy of, which must come from the disks: of class small it keeps the first three. */
async function fromDisks(): Promise<number> {
  const [{ id: file_id }] = (await ann.call('GET', `/v1/volumes/${volume}/files`)).body.files;
  const { piece_bytes, pieces } = (await ann.call('GET', `/v1/files/${file_id}`)).body.page[0];
  let fetched = 0;
  for (const [index, state] of pieces.entries()) {
    if (state !== 'STORED' || index < 3) continue;
    const answer = await fetchPiece(broker.url, ann, file_id, 0, index);
    expect([index, answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([index, 200, piece_bytes]);
    fetched += 1;
  }
  return fetched;
}

async function everything(read: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of read) parts.push(part.slice());
  return Buffer.concat(parts);
}

test('a file goes to the disks of real agents and comes back, also after they were started anew, until it is deleted', async () => {
  const data = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 8)) & 255));
  const address = await ann.heap.put(data, { volume });
  expect(Buffer.compare(await everything(ann.heap.get(address)), data)).toBe(0);
  expect(await fromDisks()).toBeGreaterThan(0);
  const before = agents.map((_, n) => filesOf(n).length);
  expect(Math.min(...before)).toBeGreaterThan(0);
  for (const [n, agent] of agents.entries()) {
    await agent.stop(0);
    agents[n] = await begin(n);
  }
  await until(
    'the agents to be there',
    20_000,
    async () => agents.every((agent) => agent.status().session.state === 'online') || undefined,
  );
  expect(agents.map((agent) => agent.status().pieces?.held)).toEqual(before);
  expect(Buffer.compare(await everything(ann.heap.get(address)), data)).toBe(0);
  expect(await fromDisks()).toBeGreaterThan(0);
  await ann.heap.rm(address);
  await until('the disks to be empty', 20_000, async () => agents.every((_, n) => filesOf(n).length === 0) || undefined);
}, 120_000);
