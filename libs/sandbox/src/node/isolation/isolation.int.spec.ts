import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { hostIsolation } from './host.js';
import { describeIsolation, type IsolationLayer } from './layers.js';
import { probe } from './probe.js';
import type { Reached } from './reach.js';

const { holds, missing } = await hostIsolation();
const where = (layer: IsolationLayer) => (holds.includes(layer) ? test : test.skip);
const DENIED = 'ERR_ACCESS_DENIED';

let server: Server;
let more: { port: number; signal: number };
beforeAll(async () => {
  server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  more = { port: (server.address() as AddressInfo).port, signal: process.pid };
});
afterAll(() => void server.close());

/** A program that has escaped the engine, behind these layers. */
async function escaped(...layers: IsolationLayer[]): Promise<Reached> {
  const reached = await probe(layers, more);
  if (typeof reached === 'string') throw new Error(reached);
  return reached;
}

describe('a program that has escaped the engine', () => {
  test('reaches all of it with no layer: the attempts are real', async () => {
    const all = { read: null, list: null, write: null, start: null, worker: null, connect: null, signal: null };
    expect(await escaped()).toMatchObject({ ...all, environment: {} });
  });

  where('permission-model')('reads, writes and starts nothing behind the permission model', async () => {
    expect(await escaped('permission-model')).toMatchObject({ read: DENIED, list: DENIED, write: DENIED, start: DENIED, worker: DENIED });
  });

  where('rlimits')('writes no file and is bounded behind the limits', async () => {
    const { write, limits, environment } = await escaped('rlimits');
    expect(write).toBe('EFBIG');
    expect(environment).toEqual({});
    const hard = (name: string) => limits[name]?.hard;
    expect([hard('core_file_size_blocks'), hard('file_size_blocks'), hard('open_files')]).toEqual([0, 0, 64]);
    expect(Number(hard('cpu_time_seconds'))).toBeLessThanOrEqual(3 * 3600);
    expect(Number(hard('data_seg_size_bytes'))).toBeLessThanOrEqual(2 ** 31);
  });

  where('namespaces')('has no network in a namespace of its own', async () => {
    expect(await escaped('namespaces')).toMatchObject({ connect: 'ENETUNREACH', interfaces: 0 });
  });

  where('bubblewrap')('finds no file, program, process, network or environment behind bubblewrap', async () => {
    const nothing = {
      read: 'ENOENT',
      list: 'ENOENT',
      // A checkout under /tmp: its bind makes the folder, on a file system that cannot be written.
      write: expect.stringMatching(/^(ENOENT|EROFS)$/),
      start: 'ENOENT',
      connect: 'ECONNREFUSED',
      signal: 'ESRCH',
      interfaces: 0,
    };
    expect(await escaped('bubblewrap')).toMatchObject({ ...nothing, environment: { PWD: '/' } });
  });

  test('reaches nothing behind all layers of this system together', async () => {
    const { read, list, write, start } = await escaped(...holds.filter((layer) => layer !== 'cgroup'));
    expect([read, list, write, start]).not.toContain(null);
  });
});

test('a layer that cannot start says so instead of holding', async () => {
  expect(await probe(['rlimits'], {}, 1 << 20)).toEqual(expect.any(String));
});

test('every layer holds or says why not', () => {
  for (const layer of ['permission-model', 'rlimits', 'cgroup', 'bubblewrap'] as const)
    expect(holds.includes(layer) || missing.some((m) => m.layer === layer && m.sentence.length > 10)).toBe(true);
  expect(describeIsolation({ holds, missing }).join(' ')).toMatch(/^Tasks run|^Node\.js/);
});
