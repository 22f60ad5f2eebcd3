import { generateKeyPairSync } from 'node:crypto';
import { CLOSE } from '#protocol';
import { type HeapPage, startHeapPage } from '../browser/support/heap-page.js';
import { startBroker, type TestBroker, type TestPerson } from '../support/broker.js';
import { echoModule, placed } from '../support/orders.js';
import { CODE, LEASE_ID, TinyHeap } from '../support/tiny-heap.js';

/** What an agent of any platform shows of itself here. */
export interface AgentSeen {
  node_id: string;
  online: boolean;
  /** The code of the rules' or the owner's word. */
  standing: string;
  leases: number;
  /** A task runs: lease, module and input have all arrived. */
  running: boolean;
  unconfirmed: number;
}

/** One agent on a device of its own. */
export interface AgentUnderTest {
  seen(): Promise<AgentSeen>;
  hold(): Promise<number>;
  release(): Promise<void>;
  /** Dies without a word, and comes back on the same device. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** Enrols with the heap at this address, which is also where its page is, if it has one. */
export type StartAgent = (url: string, code: string) => Promise<AgentUnderTest>;

const OTHER_NODE = '00000000-0000-7000-8000-000000000099';
const OTHER_LEASE = '00000000-0000-7000-8000-000000000004';
const LONG = 1_000_000;
const busy = (n: number) => {
  let x = 0;
  for (let i = 0; i < n; i++) x = (x * 31 + i) % 1000003;
  return x;
};

const pause = () => new Promise((resolve) => setTimeout(resolve, 25));

async function until(agent: AgentUnderTest, holds: (seen: AgentSeen) => boolean): Promise<AgentSeen> {
  for (;;) {
    const seen = await agent.seen();
    if (holds(seen)) return seen;
    await pause();
  }
}

/** What every agent does at every heap, whatever it is made of. */
export function agentConformance(platform: string, group: jest.Describe, start: StartAgent): void {
  group(`${platform} and the broker`, () => {
    let broker: TestBroker;
    let heap: HeapPage;
    let owner: TestPerson;
    let developer: TestPerson;
    let agent: AgentUnderTest;
    let node_id: string;
    beforeAll(async () => {
      broker = await startBroker();
      heap = await startHeapPage(broker.url);
      owner = await broker.person({ name: 'Owner', funds_micro: 0n });
      developer = await broker.person({ name: 'Dev', funds_micro: 100_000_000n });
      agent = await start(heap.url, (await owner.heap.enrolmentCode()).code);
      ({ node_id } = await until(agent, ({ online, standing }) => online && standing === 'ready'));
    }, 240_000);
    afterEach(async () => {
      expect(await broker.broken()).toEqual([]);
    });
    afterAll(async () => {
      await agent?.close();
      await heap?.close();
      await broker?.close();
    });

    const work = async (tasks: number) => {
      const run = developer.heap.map(
        busy,
        Array.from({ length: tasks }, () => LONG),
        { fuelLimit: 100_000_000_000, maxPrice: 100_000n, budget: 50_000_000n },
      );
      const values: unknown[] = [];
      for await (const { value } of run) values.push(value);
      expect(values).toEqual(Array.from({ length: tasks }, () => busy(LONG)));
      const { id } = await run.job;
      const [row] = await broker.sql<{ accepted: bigint; charged: bigint; job: bigint }>(
        `SELECT count(*) AS accepted, sum(charge_micro)::bigint AS charged, (SELECT charged_micro FROM job WHERE id = $1) AS job
         FROM attempt WHERE job_id = $1 AND outcome = 'accepted'`,
        [id],
      );
      expect(row).toEqual({ accepted: BigInt(tasks), charged: row?.job, job: row?.job });
    };
    /**
     * Resolves when the agent is at it. A page's view is up to half a second old: one that still shows the lease of the work before is no sign of
     * this work's.
     */
    const begun = async (tasks: number): Promise<{ done: Promise<void> }> => {
      await until(agent, ({ leases }) => leases === 0);
      let over = false;
      const done = work(tasks).finally(() => {
        over = true;
      });
      await until(agent, ({ running }) => running || over);
      // Where the machine is so quick that it was done before anybody could see it, there is more to do.
      return over ? done.then(() => begun(2 * tasks)) : { done };
    };
    const epoch = async () => (await broker.sql<{ session_epoch: number }>('SELECT session_epoch FROM node WHERE id = $1', [node_id]))[0];

    test('enrols once, offers, works and is paid', async () => {
      expect((await owner.heap.nodes()).map(({ id }) => id)).toEqual([node_id]);
      await work(2);
    }, 240_000);

    test('takes its session up again when the connection breaks, and finishes what it was at', async () => {
      const before = await epoch();
      const { done } = await begun(5);
      heap.cut();
      await done;
      expect((await epoch())?.session_epoch).toBeGreaterThan(before?.session_epoch ?? 0);
    }, 240_000);

    test('commits to what two must agree on before it reveals it', async () => {
      const [input] = [{ inline: Buffer.from('once').toString('base64') }];
      const module_hash = await echoModule(broker, developer);
      const { id } = await placed(developer, module_hash, {
        ...{ verification: 'L2', inputs: [input, input] },
        ...{ max_price_micro: '100000', budget_micro: '50000000', fuel_limit: 100_000_000_000 },
      });
      for (let seen = 0; seen < 2; await pause()) {
        const [row] = await broker.sql<{ hidden: bigint; known: bigint }>(
          `SELECT (SELECT count(*) FROM commitment WHERE job_id = $1 AND node_id = $2) AS hidden,
             (SELECT count(*) FROM attempt WHERE job_id = $1) AS known`,
          [id, node_id],
        );
        // Nobody else is there to run them again: the heap does, after a while.
        expect(Number(row?.known ?? 0) > 0 && seen < 2).toBe(false);
        seen = Number(row?.hidden ?? 0);
      }
      for (;;) {
        const { results } = (await developer.call('GET', `/v1/jobs/${id}/results?limit=10`)).body;
        if (results.length === 2 && results.every(({ standing }: { standing: string }) => standing === 'final')) break;
        await pause();
      }
      expect(await broker.sql("SELECT 1 FROM attempt WHERE job_id = $1 AND outcome <> 'accepted'", [id])).toEqual([]);
    }, 240_000);

    test('yields within a second what its owner wants back, and does it when it may', async () => {
      const { done } = await begun(4);
      expect(await agent.hold()).toBeLessThan(1_000);
      expect(await until(agent, ({ leases }) => leases === 0)).toMatchObject({ standing: 'held_by_owner' });
      await agent.release();
      await done;
    }, 240_000);

    test('is held from afar within a second, says what it measured, and works by the rules that were set there', async () => {
      const { done } = await begun(4);
      const began_ms = performance.now();
      await owner.call('POST', `/v1/nodes/${node_id}/hold`, { for_ms: 3_600_000 });
      expect(await until(agent, ({ leases }) => leases === 0)).toMatchObject({ standing: 'held_by_owner' });
      expect(performance.now() - began_ms).toBeLessThan(1_500);
      const heard = async () => (await owner.call('GET', `/v1/nodes/${node_id}/rules`)).body;
      while ((await heard()).hold.status.code !== 'on_device') await new Promise((resolve) => setTimeout(resolve, 50));
      // What has been told by now, of this hold: a device tells when it has measured, and some while later where it is a busy page.
      const { yields } = (await owner.call('GET', `/v1/nodes/${node_id}/yields`)).body;
      for (const told of yields.filter(({ reason }: { reason: { code: string } }) => reason.code === 'held_by_owner'))
        expect(told.give_back_ms).toBeLessThan(1_000);
      await agent.comeBack();
      expect((await until(agent, ({ online }) => online)).standing).toBe('held_by_owner');
      await owner.call('DELETE', `/v1/nodes/${node_id}/hold`);
      const { rules } = (await heard()).in_force;
      await owner.call('PUT', `/v1/nodes/${node_id}/rules`, { rules: { ...rules, slots: 1 } });
      await until(agent, ({ standing }) => standing === 'ready');
      while ((await heard()).status.code !== 'on_device') await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await heard()).in_force).toMatchObject({ origin: 'heap', rules: { slots: 1 } });
      await done;
    }, 240_000);

    test('works on without a heap, keeps what is finished, and delivers it afterwards', async () => {
      const { done } = await begun(8);
      heap.away = true;
      heap.cut();
      await until(agent, ({ online, unconfirmed }) => !online && unconfirmed > 0);
      heap.away = false;
      await done;
      await until(agent, ({ unconfirmed }) => unconfirmed === 0);
    }, 240_000);

    test('comes back after dying as the same device, and the work is done once', async () => {
      const { done } = await begun(5);
      await agent.comeBack();
      expect((await until(agent, ({ online }) => online)).node_id).toBe(node_id);
      await done;
    }, 240_000);
  });

  group(`${platform} and a heap that means harm`, () => {
    let tiny: TinyHeap;
    let heap: HeapPage;
    let agent: AgentUnderTest;
    beforeAll(async () => {
      tiny = new TinyHeap();
      heap = await startHeapPage(await tiny.listen());
      agent = await start(heap.url, CODE);
      await tiny.until(() => tiny.of('offer').some(({ available }) => available));
    }, 240_000);
    afterAll(async () => {
      await agent?.close();
      await heap?.close();
      tiny?.close();
    });

    const yielded = async (lease_id = LEASE_ID) =>
      (await tiny.until(() => tiny.of('yield').find((body) => body.lease_id === lease_id))).reason.code;

    test('runs no lease that the heap did not sign, that is another device’s, or for a slot that it does not offer', async () => {
      tiny.grant({}, generateKeyPairSync('ed25519').privateKey);
      expect(await yielded()).toBe('bad_lease_signature');
      tiny.grant({ lease_id: OTHER_LEASE, node_id: OTHER_NODE });
      expect(await yielded(OTHER_LEASE)).toBe('foreign_lease');
      const third = OTHER_LEASE.replace(/4$/, '5');
      tiny.grant({ lease_id: third, slot_class: 'nano' });
      expect(await yielded(third)).toBe('no_free_slot');
      expect(tiny.of('results')).toEqual([]);
    }, 240_000);

    test('runs no module other than the promised one', async () => {
      tiny.grant({ lease_id: OTHER_LEASE.replace(/4$/, '6') }); // whose bytes are no module at all
      expect(await yielded(OTHER_LEASE.replace(/4$/, '6'))).toBe('module_refused');
    }, 240_000);

    test.each([
      ['no JSON', () => '{'],
      ['no message', () => '[]'],
      ['too deep', () => `${'['.repeat(40)}${']'.repeat(40)}`],
      ['a message that only nodes send', () => JSON.stringify({ v: 1, t: 'hb', b: { running: 0 } })],
      ['a gap', () => JSON.stringify({ v: 1, t: 'cancel', s: 999, b: { lease_id: LEASE_ID, epoch: 1 } })],
      ['a frame beyond the limit', () => JSON.stringify({ v: 1, t: 'ack', b: {}, x: 1, y: 'y'.repeat(70_000) })],
      [
        'a challenge out of turn',
        () => JSON.stringify({ v: 1, t: 'challenge', b: { nonce: 'n'.repeat(22), server_id: 's', versions: [] } }),
      ],
    ])(
      'closes the connection over %s, and comes again',
      async (_, frame) => {
        const { socket } = tiny;
        const closed = new Promise((resolve) => socket?.once('close', resolve));
        tiny.messages.length = 0;
        socket?.send(frame());
        await closed;
        await tiny.until(() => tiny.of('hello')[0]);
      },
      120_000,
    );

    test('steps back for good while a newer connection of its key has taken over', async () => {
      const { socket } = tiny;
      tiny.messages.length = 0;
      socket?.close(CLOSE.replaced, 'a newer connection took over');
      await until(agent, ({ online }) => !online);
      await pause();
      expect(tiny.of('hello')).toEqual([]);
    }, 240_000);
  });
}
