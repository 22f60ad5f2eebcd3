/**
 * `npm run bench:volumes [-- --json --mib 1024 --devices 60 --class standard]`: a file is put and read again through a broker process with real agents on
 * this machine's disk, by the SDK in this process. MB/s are of the file's own bytes; the relay carries n / k times as many in, and k pieces of each segment
 * out. The broker's memory is looked at ten times a second; `relay_bytes` bounds what lies on its disk, and the look at memory fails the run when the
 * broker grew by more than a share of the file: the relay streams. Client, agents, broker and PostgreSQL share the cores.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { VOLUME_CLASSES, VOLUME_CODES } from '#units';
import { Contents } from '../volumes/content.js';
import { Keepers } from '../volumes/keepers.js';
import { benchReport } from './report.js';
import { withBenchHeap } from './swarm/bench-heap.js';
import { cpuMs, rssBytes } from './swarm/probe.js';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    mib: { type: 'string', default: '1024' },
    devices: { type: 'string', default: '60' },
    processes: { type: 'string', default: '4' },
    class: { type: 'string', default: 'standard' },
    'relay-mib': { type: 'string', default: '256' },
  },
});
const MIB = 1_048_576;
const BYTES = Number(values.mib) * MIB;
const DEVICES = Number(values.devices);
const RELAY_BYTES = Number(values['relay-mib']) * MIB;
const volume_class = VOLUME_CLASSES.find((name) => name === values.class) ?? 'standard';
/** What a broker may grow by while it carries any number of bytes: buffers of its connections, and garbage between two collections. */
const GROWTH_BYTES_MAX = 384 * MIB;
const LOOK_MS = 100;
const log = (line: string) => process.stderr.write(`${line}\n`);

const spoolBytes = (data_dir: string): number => {
  const folder = path.join(data_dir, 'relay');
  if (!fs.existsSync(folder)) return 0;
  return fs
    .readdirSync(folder)
    .reduce((sum, name) => sum + (fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
};

/** What a process is and does while the work lasts. */
async function watched(pid: number, data_dir: string, work: () => Promise<void>) {
  const [cpu_ms, began_ms] = [cpuMs(pid), performance.now()];
  let [rss, spool] = [0, 0];
  const look = setInterval(() => {
    rss = Math.max(rss, rssBytes(pid));
    spool = Math.max(spool, spoolBytes(data_dir));
  }, LOOK_MS);
  try {
    await work();
  } finally {
    clearInterval(look);
  }
  const seconds = (performance.now() - began_ms) / 1_000;
  return { seconds, mb_s: BYTES / 1e6 / seconds, rss, spool, cores: (cpuMs(pid) - cpu_ms) / 1_000 / seconds };
}

/** The same block again and again, so that making it costs little; each segment is sealed with a key of its own and is another. */
async function* source(block: Buffer): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < BYTES; at += block.length) yield block.subarray(0, Math.min(block.length, BYTES - at));
}

await withBenchHeap(
  async (heap) => {
    const keepers = await Keepers.start(heap.url, { devices: DEVICES, processes: Number(values.processes) });
    try {
      const { k, n } = VOLUME_CODES[volume_class];
      const gigabytes = Math.max(1, Math.ceil(BYTES / 1e9) + 1);
      const { id } = await heap.sdk.volumes.create({ class: volume_class, gigabytes, maxPrice: '0.01', months: 1 });
      await heap.sdk.volumes.ready(id, { onWait: log });
      const block = new Contents('bench').of(0, 4 * MIB);
      const pid = heap.broker.pid;
      const idle = rssBytes(pid);
      const expected = createHash('sha256');
      for await (const part of source(block)) expected.update(part);
      let capability = '';
      const put = await watched(pid, heap.data_dir, async () => {
        capability = await heap.sdk.put(source(block), { volume: id });
      });
      log(`put: ${put.mb_s.toFixed(1)} MB/s`);
      const read = createHash('sha256');
      const get = await watched(pid, heap.data_dir, async () => {
        for await (const part of heap.sdk.get(capability)) read.update(part);
      });
      log(`get: ${get.mb_s.toFixed(1)} MB/s`);
      if (read.digest('hex') !== expected.digest('hex')) throw new Error('the file that was read is another than the one that was put');
      const peak = Math.max(put.rss, get.rss);
      const spool = Math.max(put.spool, get.spool);
      if (peak - idle > GROWTH_BYTES_MAX)
        throw new Error(`the broker grew by ${Math.round((peak - idle) / MIB)} MiB while it carried the file`);
      if (spool > RELAY_BYTES) throw new Error(`${Math.round(spool / MIB)} MiB lay in the relay, and ${RELAY_BYTES / MIB} were allowed`);
      const round = (value: number) => Math.round(value * 10) / 10;
      benchReport(
        'volumes',
        {
          mib: BYTES / MIB,
          class: volume_class,
          k,
          n,
          devices: DEVICES,
          device_processes: Number(values.processes),
          relay_mib: RELAY_BYTES / MIB,
        },
        {
          put_mb_s: round(put.mb_s),
          get_mb_s: round(get.mb_s),
          put_s: round(put.seconds),
          get_s: round(get.seconds),
          relayed_in_mb_s: round((put.mb_s * n) / k),
          broker_rss_idle_mib: round(idle / MIB),
          broker_rss_peak_mib: round(peak / MIB),
          broker_growth_mib_max: GROWTH_BYTES_MAX / MIB,
          relay_peak_mib: round(spool / MIB),
          broker_put_cores: round(put.cores),
          broker_get_cores: round(get.cores),
          client_rss_mib: round(process.resourceUsage().maxRSS / 1024),
        },
        values.json === true,
      );
    } finally {
      await keepers.close();
    }
  },
  log,
  { env: { HEAP_RELAY_BYTES: String(RELAY_BYTES), HEAP_SIGN_IN_ATTEMPTS_PER_MINUTE: '100000' } },
);
