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
/**
 * By turns: peace, a siege of the neighbouring gateway, and a siege of the one where the honest nodes are, so that whatever else the machine
 * does meanwhile weighs on all alike. Besieger, gateways and honest nodes share its cores: what the besieger takes from them by running at
 * all shows next door, and only what is beyond that is the gateway's doing.
 */
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
let neighbour: GatewayProcess;
beforeAll(async () => {
  broker = await startBroker({ HEAP_ROLES: 'api,market,worker' });
  gateway = await GatewayProcess.start(broker, 'besieged');
  neighbour = await GatewayProcess.start(broker, 'neighbour');
});
afterAll(async () => {
  await gateway?.stop();
  await neighbour?.stop();
  await broker?.close();
});

const urlOf = ({ port }: GatewayProcess): string => `http://127.0.0.1:${port}`;
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
    const sessions = await Promise.all(honest.map((node) => node.online({ url: urlOf(gateway) })));
    const siege = besieger();
    try {
      await siege.told({ do: 'prepare', siege: { sockets: SOCKETS, nodes: bad.map(({ papers }) => papers) } });
      await beats(sessions, 1);
      const memory_before = await memory_mib();
      let memory_most = 0;
      const watching = setInterval(() => {
        void memory_mib().then((mib) => {
          memory_most = Math.max(memory_most, mib);
        });
      }, 500);
      const [peace, near, war]: [number[], number[], number[]] = [[], [], []];
      let codes: SiegeReport['codes'] = {};
      const besieged = async (target: GatewayProcess, late: number[]) => {
        await siege.told({ do: 'attack', url: urlOf(target) });
        late.push(...(await beats(sessions, TURN_SECONDS)));
        codes = (await siege.told({ do: 'rest' })).codes;
      };
      for (let turn = 0; turn < TURNS; turn++) {
        peace.push(...(await beats(sessions, TURN_SECONDS)));
        await besieged(neighbour, near);
        await besieged(gateway, war);
      }
      clearInterval(watching);
      const grown = memory_most - memory_before;
      const ms = (late: number[], quantile: number) => Number(percentile(late, quantile).toFixed(1));
      const quantiles = (quantile: number) => ({ peace: ms(peace, quantile), next_door: ms(near, quantile), here: ms(war, quantile) });
      const p99_ms = quantiles(0.99);
      process.stderr.write(
        `${JSON.stringify({
          ...{ sockets: SOCKETS, closed: Object.values(codes).reduce((a, b) => a + b, 0), memory_mib: Math.round(grown) },
          ...{ p50_ms: quantiles(0.5), p99_ms, beats: [peace.length, near.length, war.length], closes: codes },
        })}\n`,
      );
      // Each of them was shown out in the protocol's words.
      for (const code of [CLOSE.too_big, CLOSE.malformed, CLOSE.unauthenticated, CLOSE.rate])
        expect([code, codes[code] ?? 0]).not.toEqual([code, 0]);
      expect(grown).toBeLessThan(MEMORY_MIB_MOST);
      for (const session of sessions) expect(session.socket.readyState).toBe(session.socket.OPEN);
      if (WHOLE) expect(p99_ms.here).toBeLessThan(P99_TIMES_MOST * p99_ms.next_door);
      for (const session of sessions) session.socket.terminate();
    } finally {
      siege.stop();
    }
  },
  (3 * TURNS * TURN_SECONDS + 180) * 1_000,
);
