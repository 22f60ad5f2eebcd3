import { execFile, fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CLOSE } from '#protocol';
import { GatewayProcess } from '../chaos/gateway-processes.js';
import { percentile } from '../load/report.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { FakeNode, type FakeSession } from '../support/fake-node.js';
import type { SiegeOrder, SiegeReport } from './besieger.js';

/** A slice in `npm test`; `npm run test:hostile-sockets` opens all thousand and holds the times to their limit as well. */
const WHOLE = process.env.HOSTILE_WHOLE !== undefined;
const SOCKETS = WHOLE ? 1_000 : 100;
/** Peace and siege by turns, so that whatever else the machine does meanwhile weighs on both alike. */
const TURNS = WHOLE ? 5 : 2;
const TURN_SECONDS = WHOLE ? 6 : 2;
const HONEST = 20;
/** Of each ten hostile sockets, so many belong to devices that are enrolled. */
const ENROLLED = WHOLE ? 50 : 10;
const MEMORY_MIB_MOST = 100;
const P99_TIMES_MOST = 2;
const BEAT_MS = 250;

let broker: TestBroker;
let gateway: GatewayProcess;
let url: string;
beforeAll(async () => {
  broker = await startBroker({ HEAP_ROLES: 'api,market,worker' });
  gateway = await GatewayProcess.start(broker, 'besieged');
  url = `http://127.0.0.1:${gateway.port}`;
});
afterAll(async () => {
  await gateway?.stop();
  await broker?.close();
});

const memory_mib = async (): Promise<number> =>
  Number((await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(gateway.pid)])).stdout) / 1_024;

/** The time from a heartbeat to its answer. */
async function beat(session: FakeSession): Promise<number> {
  const began = performance.now();
  session.send('hb', { running: 0 });
  await session.next('hb.ok');
  return performance.now() - began;
}

async function beats(sessions: readonly FakeSession[], seconds: number): Promise<number[]> {
  const late: number[] = [];
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    late.push(...(await Promise.all(sessions.map(beat))));
    await sleep(BEAT_MS);
  }
  return late;
}

/** The other side, in a process of its own. */
function besieger() {
  const child = fork(path.join(process.cwd(), 'dist/test/hostile/besieger.js'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    told: (order: SiegeOrder) =>
      new Promise<SiegeReport>((resolve, reject) => {
        const ended = () => reject(new Error('the besieger has ended'));
        child.once('exit', ended).once('message', (report) => {
          child.off('exit', ended);
          resolve(report as SiegeReport);
        });
        child.send(order);
      }),
    stop: () => child.kill('SIGKILL'),
  };
}

test(
  `${SOCKETS} hostile sockets take less than ${MEMORY_MIB_MOST} MiB of the gateway, and honest nodes are answered all the while`,
  async () => {
    const enrol = async (person: TestPerson, count: number) => {
      const nodes: FakeNode[] = [];
      for (let i = 0; i < count; i++) nodes.push(await FakeNode.enrol(broker, person));
      return nodes;
    };
    const [owner, attacker] = [await broker.person(), await broker.person({ name: 'Mallory' })];
    const honest = await enrol(owner, HONEST);
    const bad = await enrol(attacker, ENROLLED);
    const sessions = await Promise.all(honest.map((node) => node.online({ url })));
    const siege = besieger();
    try {
      await siege.told({ do: 'prepare', siege: { url, sockets: SOCKETS, nodes: bad.map(({ papers }) => papers) } });
      await beats(sessions, 1);
      const memory_before = await memory_mib();
      let memory_most = 0;
      const watching = setInterval(() => {
        void memory_mib().then((mib) => {
          memory_most = Math.max(memory_most, mib);
        });
      }, 500);
      const [peace, war]: [number[], number[]] = [[], []];
      let codes: SiegeReport['codes'] = {};
      for (let turn = 0; turn < TURNS; turn++) {
        peace.push(...(await beats(sessions, TURN_SECONDS)));
        await siege.told({ do: 'attack' });
        war.push(...(await beats(sessions, TURN_SECONDS)));
        codes = (await siege.told({ do: 'rest' })).codes;
      }
      clearInterval(watching);
      const grown = memory_most - memory_before;
      const [p99_before, p99_during] = [percentile(peace, 0.99), percentile(war, 0.99)];
      const rounded = (ms: number) => Number(ms.toFixed(1));
      process.stderr.write(
        `${JSON.stringify({
          ...{ sockets: SOCKETS, closed: Object.values(codes).reduce((a, b) => a + b, 0), memory_mib: Math.round(grown) },
          ...{ p50_before: rounded(percentile(peace, 0.5)), p50_during: rounded(percentile(war, 0.5)) },
          ...{ p99_before: rounded(p99_before), p99_during: rounded(p99_during), beats: [peace.length, war.length], closes: codes },
        })}\n`,
      );
      // Each of them was shown out in the protocol's words.
      for (const code of [CLOSE.too_big, CLOSE.malformed, CLOSE.unauthenticated, CLOSE.rate])
        expect([code, codes[code] ?? 0]).not.toEqual([code, 0]);
      expect(grown).toBeLessThan(MEMORY_MIB_MOST);
      for (const session of sessions) expect(session.socket.readyState).toBe(session.socket.OPEN);
      if (WHOLE) expect(p99_during).toBeLessThan(P99_TIMES_MOST * p99_before);
      for (const session of sessions) session.socket.terminate();
    } finally {
      siege.stop();
    }
  },
  (2 * TURNS * TURN_SECONDS + 150) * 1_000,
);
