import type { LeaseTerms } from '#protocol';
import { HeapError, SLOT_MEMORY_BYTES } from '#units';
import { settle } from './fakes/fake-clock.js';
import { acceptAll, FakeHost, heapSignature, inline, leaseId, MemoryOutbox, tasksOf } from './fakes/fake-host.js';

const yields = (peer: { all(t: 'yield'): { lease_id: string; reason: { code: string } }[] }) =>
  peer.all('yield').map((body) => body.reason.code);

async function working(programs: string[] = []) {
  const host = new FakeHost();
  const { agent, peer } = await host.online();
  const terms = await host.grant(peer);
  if (programs.length > 0) peer.send('tasks', tasksOf(programs));
  await settle();
  return { host, agent, peer, terms };
}

describe('running tasks', () => {
  test('runs the tasks of a lease in order on one slot and reports each', async () => {
    const { host, agent, peer } = await working(['a', 'bb', 'ccc']);
    expect(host.slots).toHaveLength(1);
    expect(host.slots[0]?.ran).toEqual(['a', 'bb', 'ccc']);
    expect(peer.last('results')).toMatchObject({ lease_id: leaseId(1), epoch: 1 });
    expect(peer.results()).toMatchObject([
      { index: 0, epoch: 1, verdict: 'ok', exit_code: 0, fuel_used: 1, output: inline('A') },
      { index: 1, epoch: 1, fuel_used: 2, output: inline('BB') },
      { index: 2, epoch: 1, fuel_used: 3, output: inline('CCC') },
    ]);
    expect(agent.status).toMatchObject({ tasks_done: 3, fuel_used: 6n, unconfirmed: 3 });
    acceptAll(peer);
    expect(agent.status.unconfirmed).toBe(0);
    expect(host.outbox.kept.size).toBe(0);
  });

  test('a lone result does not wait, results of a busy lease share messages', async () => {
    const { peer } = await working(['a']);
    expect(peer.all('results')).toHaveLength(1);
    peer.send(
      'tasks',
      tasksOf(
        Array.from({ length: 500 }, (_, i) => `t${i}`),
        { first: 1 },
      ),
    );
    for (let i = 0; i < 300; i++) await settle();
    expect(peer.results()).toHaveLength(501);
    expect(peer.all('results').length).toBeLessThan(20);
  });

  test('packs up to sixty kibibytes into a message', async () => {
    const { host, peer } = await working([]);
    peer.send('throttle', { retry_in_ms: 100, code: 'busy' });
    peer.send('tasks', tasksOf(Array.from({ length: 60 }, () => 'big:6000')));
    await host.clock.advance(200);
    expect(peer.results()).toHaveLength(60);
    // 8 KB each in base64: seven fit.
    expect(peer.all('results').map((body) => body.results.length)).toEqual([7, 7, 7, 7, 7, 7, 7, 7, 4]);
  });

  test('a text that grows when encoded still fits the frame', async () => {
    const { host, peer } = await working(['log:\u0001', 'log:\u00fc', 'log:\u{1f600}', 'big:32768']);
    await host.clock.advance(50);
    expect(peer.results().map((result) => result.logs.length)).toEqual([4096, 4096, 4096, 0]);
  });

  test('a large output is stored first and named by its hash', async () => {
    const { host, peer } = await working(['big:40000']);
    const [result] = peer.results();
    expect(result?.output).toEqual({ hash: result?.output_hash, bytes: 40_000 });
    expect(host.blobs.stored.get(result?.output_hash ?? '')).toHaveLength(40_000);
  });

  test('an output that the heap will never take is told as no verdict', async () => {
    const { host, peer } = await working([]);
    host.blobs.failures.push(new HeapError('blob_too_large', 'The blob is too large.', 'developer'));
    peer.send('tasks', tasksOf(['big:40000']));
    await settle();
    expect(peer.results()).toMatchObject([{ verdict: 'killed', detail: 'The output could not be stored: The blob is too large.' }]);
    acceptAll(peer);
    expect(host.outbox.kept.size).toBe(0);
  });

  test('an input that comes by hash is fetched, again if need be', async () => {
    const { host, peer } = await working([]);
    const hash = host.blobs.add(Buffer.from('hello'));
    host.blobs.failures.push(new HeapError('blob_unreachable', 'no answer', 'provider'));
    peer.send('tasks', { lease_id: leaseId(1), epoch: 1, tasks: [{ index: 0, epoch: 1, input: { hash, bytes: 5 } }] });
    await host.clock.advance(1_000);
    expect(peer.results()).toMatchObject([{ output: inline('HELLO') }]);
  });

  test('an input that is missing or wrong costs its own task only', async () => {
    const { host, peer } = await working([]);
    const hash = host.blobs.add(Buffer.from('hello'));
    peer.send('tasks', {
      lease_id: leaseId(1),
      epoch: 1,
      tasks: [
        { index: 0, epoch: 1, input: inline('a') },
        { index: 1, epoch: 1, input: { hash: 'f'.repeat(64), bytes: 5 } },
        { index: 2, epoch: 1, input: { hash, bytes: 4 } },
        { index: 3, epoch: 1, input: inline('b') },
      ],
    });
    await host.clock.advance(10);
    expect(peer.results().map((result) => [result.index, result.verdict])).toEqual([
      [0, 'ok'],
      [1, 'killed'],
      [2, 'killed'],
      [3, 'ok'],
    ]);
  });

  test('two leases run side by side, a third finds no slot', async () => {
    const { host, agent, peer } = await working(['hang']);
    await host.grant(peer, { lease_id: leaseId(2) });
    peer.send('tasks', tasksOf(['a'], { lease: 2 }));
    await host.grant(peer, { lease_id: leaseId(3) });
    expect(peer.results()).toHaveLength(1);
    expect(yields(peer)).toEqual(['no_free_slot']);
    expect(agent.status.work).toMatchObject([
      { lease_id: leaseId(1), running: true, tasks_waiting: 1 },
      { lease_id: leaseId(2), running: false, tasks_done: 1 },
    ]);
  });

  test('a slot stays warm between leases and is closed when nobody wants it', async () => {
    const { host, peer } = await working(['a']);
    peer.send('lease.end', { lease_id: leaseId(1), epoch: 1, reason: { code: 'done', sentence: 'Done.' } });
    await host.clock.advance(9_000);
    await host.grant(peer, { lease_id: leaseId(2) });
    expect(host.slots).toHaveLength(1);
    expect(host.blobs.requests).toBe(1);
    peer.send('lease.end', { lease_id: leaseId(2), epoch: 1, reason: { code: 'done', sentence: 'Done.' } });
    await host.clock.advance(10_000);
    expect(host.slots[0]?.closed).toBe(true);
  });

  test('new work waits while too much finished work is unconfirmed', async () => {
    const host = new FakeHost();
    const { agent, peer } = await host.online({ bounds: { unconfirmed_results: 10, batch_tasks: 4 } });
    await host.grant(peer);
    peer.send('tasks', tasksOf(Array.from({ length: 30 }, () => 'a')));
    await host.clock.advance(100);
    expect(agent.status).toMatchObject({ unconfirmed: 12, work: [{ tasks_waiting: 18 }] });
    acceptAll(peer);
    await host.clock.advance(100);
    expect(agent.status.unconfirmed).toBe(12);
  });
});

const SMALL = {
  fuel: 1,
  stack_bytes: 1024,
  memory_bytes: 65_536,
  output_bytes: 1,
  log_bytes: 1,
  wall_ms: 1,
  files: 0,
  file_bytes: 0,
  host_calls: 1,
};
const VIEW = { args: [], env: {}, files: [], scratch: null, seed: null, clock_ms: null };
const aFile = { path: 'a', hash: '0'.repeat(64), bytes: 1 };

describe('what is not run', () => {
  const refused: [string, Partial<LeaseTerms>][] = [
    ['foreign_lease', { node_id: leaseId(9) }],
    ['terms_exceed_offer', { limits: { ...SMALL, memory_bytes: 2 ** 31 } }],
    ['terms_exceed_offer', { limits: { ...SMALL, output_bytes: 2 ** 31 } }],
    ['terms_exceed_offer', { limits: { ...SMALL, files: 1, file_bytes: 10 } }],
    ['terms_exceed_offer', { limits: { ...SMALL, memory_bytes: SLOT_MEMORY_BYTES.micro }, view: { ...VIEW, files: [aFile] } }],
    ['no_free_slot', { slot_class: 'large' }],
  ];
  test.each(refused)('%s', async (code, over) => {
    const host = new FakeHost();
    const { peer } = await host.online();
    await host.grant(peer, over);
    peer.send('tasks', tasksOf(['a']));
    await settle();
    expect(yields(peer)).toEqual([code]);
    expect(host.slots.flatMap((slot) => slot.ran)).toEqual([]);
  });

  test('a lease that the heap did not sign', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    peer.send('lease', { terms: host.terms(), signature: heapSignature('something else') });
    peer.send('tasks', tasksOf(['a']));
    await settle();
    expect(yields(peer)).toEqual(['bad_lease_signature']);
    expect(host.slots).toEqual([]);
  });

  test.each([
    ['metered_hash_mismatch', { metered_hash: '0'.repeat(64) }],
    ['meter_id_mismatch', { meter_id: 'other' }],
    ['blob_missing', { hash: '0'.repeat(64) }],
    ['blob_corrupt', { bytes: 7 }],
  ])('a module with %s', async (code, over) => {
    const host = new FakeHost();
    const { peer } = await host.online();
    const { module } = host.terms();
    await host.grant(peer, { module: { ...module, ...over } });
    peer.send('tasks', tasksOf(['a']));
    await settle();
    expect(yields(peer)).toEqual([code]);
    expect(host.slots.flatMap((slot) => slot.ran)).toEqual([]);
  });

  test('more than fits', async () => {
    const host = new FakeHost();
    const { peer } = await host.online({ bounds: { tasks_held: 3 } });
    await host.grant(peer);
    peer.send('tasks', tasksOf(['hang', 'a', 'b', 'c', 'd']));
    await settle();
    expect(yields(peer)).toEqual(['too_much_work']);
  });

  test('tasks of a lease that is not held are answered, those that crossed its end are not', async () => {
    const { host, peer } = await working(['hang']);
    peer.send('tasks', tasksOf(['a'], { lease: 7 }));
    await settle();
    expect(yields(peer)).toEqual(['lease_not_held']);
    peer.send('lease.end', { lease_id: leaseId(1), epoch: 1, reason: { code: 'x', sentence: '' } });
    peer.send('tasks', tasksOf(['a']));
    await host.clock.advance(10);
    expect(yields(peer)).toEqual(['lease_not_held']);
    expect(peer.results()).toEqual([]);
  });

  test('messages of a stale epoch are ignored', async () => {
    const { host, peer } = await working([]);
    await host.grant(peer, { epoch: 3 });
    peer.send('tasks', tasksOf(['old'], { epoch: 1 }));
    peer.send('lease.end', { lease_id: leaseId(1), epoch: 2, reason: { code: 'x', sentence: '' } });
    peer.send('cancel', { lease_id: leaseId(1), epoch: 2 });
    await host.grant(peer, { epoch: 2 });
    peer.send('tasks', tasksOf(['new'], { epoch: 3 }));
    await host.clock.advance(10);
    expect(host.slots.flatMap((slot) => slot.ran)).toEqual(['new']);
    expect(peer.last('results').epoch).toBe(3);
  });

  test('of two epochs of a task only the newer is run', async () => {
    const { host, peer } = await working(['hang']);
    const task = (epoch: number, program: string) => ({ index: 5, epoch, input: inline(program) });
    const send = (...tasks: ReturnType<typeof task>[]) => peer.send('tasks', { lease_id: leaseId(1), epoch: 1, tasks });
    send(task(2, 'second'));
    send(task(1, 'first'));
    send(task(3, 'third'));
    peer.send('cancel', { lease_id: leaseId(1), epoch: 1, tasks: [[0, 1]] });
    await host.clock.advance(10);
    expect(host.slots[0]?.ran).toEqual(['hang', 'third']);
  });
});

describe('stopping', () => {
  test('the end of a lease stops its work at once', async () => {
    const { host, agent, peer } = await working(['hang', 'a']);
    peer.send('lease.end', { lease_id: leaseId(1), epoch: 1, reason: { code: 'budget', sentence: 'The budget is spent.' } });
    await settle();
    expect(agent.status.work).toEqual([]);
    await host.grant(peer, { lease_id: leaseId(2) });
    peer.send('tasks', tasksOf(['b'], { lease: 2 }));
    await settle();
    expect(host.slots).toHaveLength(1);
    expect(peer.results()).toMatchObject([{ output: inline('B') }]);
  });

  test('cancelled tasks are not run and not reported, the others are', async () => {
    const { host, peer } = await working(['hang', 'a', 'b', 'c']);
    peer.send('cancel', {
      lease_id: leaseId(1),
      epoch: 1,
      tasks: [
        [0, 1],
        [2, 1],
        [3, 9],
      ],
    });
    await host.clock.advance(10);
    expect(peer.results().map((result) => result.index)).toEqual([1, 3]);
    peer.send('tasks', tasksOf(['hang', 'hang'], { first: 10 }));
    await settle();
    peer.send('cancel', { lease_id: leaseId(1), epoch: 1 });
    peer.send('tasks', tasksOf(['d'], { first: 20 }));
    await host.clock.advance(10);
    expect(peer.results().map((result) => result.index)).toEqual([1, 3, 20]);
  });

  test('a cancel is confirmed when what it names has stopped, and at once where it is not here', async () => {
    const { host, peer } = await working(['stuck', 'a']);
    const first = { lease_id: leaseId(1), epoch: 1, tasks: [[0, 1]] as [number, number][] };
    peer.send('cancel', first);
    await settle();
    expect(peer.all('cancelled')).toEqual([]);
    peer.send('cancel', { lease_id: leaseId(1), epoch: 1, tasks: [[7, 1]] });
    await settle();
    expect(peer.all('cancelled').map(({ tasks }) => tasks)).toEqual([[[7, 1]]]);
    await host.clock.advance(2_000);
    expect(peer.all('cancelled')).toHaveLength(2);
    expect(peer.last('cancelled')).toEqual(first);
    expect(peer.results().map(({ index }) => index)).toEqual([1]);
  });

  test('a cancel that comes with a heartbeat ends the lease', async () => {
    const { agent, peer } = await working(['hang']);
    peer.send('hb.ok', { renewed: [], cancel: [leaseId(1)] });
    await settle();
    expect(agent.status.work).toEqual([]);
  });

  test('a sandbox that does not stop is replaced within a second', async () => {
    const { host, peer } = await working(['stuck']);
    peer.send('lease.end', { lease_id: leaseId(1), epoch: 1, reason: { code: 'x', sentence: '' } });
    await host.clock.advance(900);
    expect(host.slots[0]?.closed).toBe(true);
    await host.grant(peer, { lease_id: leaseId(2) });
    peer.send('tasks', tasksOf(['b'], { lease: 2 }));
    await settle();
    expect(host.slots).toHaveLength(2);
    expect(peer.results()).toHaveLength(1);
  });

  test('a lease ends with its term unless it is renewed', async () => {
    const host = new FakeHost();
    const { agent, peer } = await host.online({ bounds: { term_grace_ms: 0 } });
    await host.grant(peer, { term_ms: 10_000 });
    await host.clock.advance(9_000);
    peer.send('hb.ok', { renewed: [{ lease_id: leaseId(1), remaining_ms: 20_000 }], cancel: [] });
    await host.clock.advance(19_000);
    expect(agent.status.work).toHaveLength(1);
    await host.clock.advance(1_000);
    expect(agent.status.work).toEqual([]);
    expect(yields(peer)).toEqual(['term_over']);
  });

  test("the owner's hold gives the device back at once, measures it, and work returns after it", async () => {
    const { host, agent, peer } = await working(['a', 'hang']);
    const freed = agent.clear('I am playing.');
    await host.clock.advance(1);
    expect(await freed).toBeLessThan(1_000);
    expect(agent.status).toMatchObject({ work: [], standing: { available: false, code: 'held_by_owner' } });
    expect(peer.received.slice(-3).map((message) => message.t)).toEqual(['offer', 'results', 'yield']);
    expect(peer.last('offer')).toMatchObject({ available: false, reason: { code: 'held_by_owner', sentence: 'I am playing.' } });
    expect(peer.last('yield')).toMatchObject({ lease_id: leaseId(1), reason: { code: 'held_by_owner' } });
    await host.grant(peer, { lease_id: leaseId(2) });
    expect(yields(peer)).toEqual(['held_by_owner', 'held_by_owner']);
    agent.release();
    await settle();
    expect(peer.last('offer').available).toBe(true);
  });

  test('a clean stop finishes what runs, delivers it, gives the rest back and says goodbye', async () => {
    const { host, agent, peer } = await working(['a', 'b', 'c']);
    peer.acknowledges = true;
    const stopped = agent.stop(2_000);
    await host.clock.advance(5);
    acceptAll(peer);
    await host.clock.advance(5);
    await stopped;
    expect(peer.last('bye')).toEqual({ code: 'stopping' });
    expect(peer.closed?.code).toBe(1000);
    expect(host.slots.every((slot) => slot.closed)).toBe(true);
    expect(host.clock.now_ms()).toBeLessThan(2_000);
    expect(host.clock.pending).toBe(0);
  });

  test('a task that dies of the stop is given back, not reported', async () => {
    const { host, agent, peer } = await working(['hang', 'a']);
    const stopped = agent.stop(2_000);
    host.slots[0]?.kill();
    await host.clock.advance(10);
    await stopped;
    expect(yields(peer)).toEqual(['stopping']);
    expect(peer.results()).toEqual([]);
  });

  test('a task that dies otherwise is reported', async () => {
    const { host, peer } = await working(['hang', 'a']);
    host.slots[0]?.kill();
    await host.clock.advance(10);
    expect(peer.results().map((result) => result.verdict)).toEqual(['killed', 'ok']);
  });

  test('a stop does not wait for a task that goes on and on, nor for a silent heap', async () => {
    const { host, agent, peer } = await working(['a', 'hang']);
    let done = false;
    void agent.stop(2_000).then(() => {
      done = true;
    });
    await host.clock.advance(1_999);
    expect(done).toBe(false);
    await host.clock.advance(1);
    expect(done).toBe(true);
    expect(yields(peer)).toEqual(['stopping']);
    expect(host.outbox.kept.size).toBe(1);
  });
});

describe('a sandbox that fails', () => {
  test('is replaced; a task that breaks it twice gets no verdict and the others run', async () => {
    const { host, peer } = await working(['a', 'crash', 'b']);
    await host.clock.advance(10);
    expect(host.slots).toHaveLength(3);
    expect(peer.results().map((result) => [result.index, result.verdict])).toEqual([
      [0, 'ok'],
      [1, 'killed'],
      [2, 'ok'],
    ]);
  });

  test('leases that come to nothing make the device rest, longer each time', async () => {
    const host = new FakeHost();
    host.slotFails = true;
    const { peer } = await host.online();
    for (let i = 1; i <= 3; i++) await host.grant(peer, { lease_id: leaseId(i) });
    expect(yields(peer)).toEqual(['sandbox_failed', 'sandbox_failed', 'sandbox_failed']);
    expect(peer.last('offer')).toMatchObject({ available: false, reason: { code: 'trouble' } });
    await host.clock.advance(10_000);
    expect(peer.last('offer').available).toBe(true);
    await host.grant(peer, { lease_id: leaseId(4) });
    await host.clock.advance(19_000);
    expect(peer.last('offer').available).toBe(false);
    await host.clock.advance(1_000);
    host.slotFails = false;
    await host.grant(peer, { lease_id: leaseId(5) });
    peer.send('tasks', tasksOf(['a'], { lease: 5 }));
    await settle();
    expect(peer.results()).toHaveLength(1);
  });
});

describe('after a cut', () => {
  test('work goes on offline; unconfirmed results are named in the state and sent again', async () => {
    const { host, peer } = await working(['a', 'b']);
    peer.drop();
    peer.closed = { code: 1006, reason: '' };
    await host.clock.advance(1_000);
    const again = await host.greet();
    expect(again.last('state').leases).toEqual([
      {
        lease_id: leaseId(1),
        epoch: 1,
        tasks: [
          { index: 0, epoch: 1, phase: 'finished' },
          { index: 1, epoch: 1, phase: 'finished' },
        ],
      },
    ]);
    expect(again.results()).toEqual([]);
    again.send('reconcile', { leases: [{ lease_id: leaseId(1), epoch: 1, action: 'keep', reason: 'same_session' }] });
    await settle();
    expect(again.results()).toMatchObject([{ index: 0 }, { index: 1 }]);
    again.send('tasks', tasksOf(['c'], { first: 2 }));
    await settle();
    expect(again.results()).toHaveLength(3);
    acceptAll(again);
    expect(host.outbox.kept.size).toBe(0);
  });

  test('tells waiting from running', async () => {
    const { host, peer } = await working(['a', 'hang', 'b']);
    peer.drop();
    await host.clock.advance(1_000);
    const again = await host.greet();
    expect(again.last('state').leases[0]?.tasks).toEqual([
      { index: 1, epoch: 1, phase: 'running' },
      { index: 2, epoch: 1, phase: 'waiting' },
      { index: 0, epoch: 1, phase: 'finished' },
    ]);
  });

  test.each([
    ['stop', 1],
    ['upload', 1],
    ['discard', 0],
  ] as const)('"%s" ends the work and delivers %i result', async (action, delivered) => {
    const { host, agent, peer } = await working(['a', 'hang']);
    peer.drop();
    await host.clock.advance(1_000);
    const again = await host.greet();
    again.send('reconcile', { leases: [{ lease_id: leaseId(1), epoch: 1, action, reason: 'reassigned' }] });
    await settle();
    expect(agent.status.work).toEqual([]);
    expect(again.results()).toHaveLength(delivered);
    expect(host.outbox.kept.size).toBe(delivered);
  });

  test('a task that is sent again although it is finished is answered, not run', async () => {
    const { host, peer } = await working(['a']);
    peer.send('tasks', tasksOf(['a']));
    await host.clock.advance(10);
    expect(host.slots[0]?.ran).toEqual(['a']);
    expect(peer.results()).toHaveLength(2);
  });

  test('a heap that never reconciles gets the results all the same', async () => {
    const { host, peer } = await working(['a']);
    peer.drop();
    await host.clock.advance(1_000);
    const again = await host.greet();
    await host.clock.advance(10_000);
    expect(again.results()).toHaveLength(1);
  });

  test('every kind of acknowledgement frees the result', async () => {
    const { host, agent, peer } = await working(['a', 'b', 'c', 'd', 'e']);
    const sentence = 'The lease had ended.';
    const rejected = [{ index: 3, epoch: 1, code: 'lease_over', sentence }];
    peer.send('results.ack', { lease_id: leaseId(1), accepted: [[0, 1]], duplicate: [[1, 1]], stale: [[2, 1]], rejected });
    expect(agent.status.unconfirmed).toBe(1);
    peer.send('results.ack', { lease_id: leaseId(2), accepted: [[4, 1]], duplicate: [], stale: [], rejected: [] });
    peer.send('results.ack', {
      lease_id: leaseId(1),
      accepted: [
        [4, 2],
        [99, 1],
        [0, 1],
      ],
      duplicate: [],
      stale: [],
      rejected: [],
    });
    expect([...host.outbox.kept.values()].map((kept) => kept.result.index)).toEqual([4]);
    expect(host.said.some(({ level, sentence: said }) => level === 'warn' && said.includes(sentence))).toBe(true);
  });

  test('a restarted agent delivers what its predecessor had finished and says that it holds nothing else', async () => {
    const { host, peer } = await working(['a', 'big:40000', 'hang', 'b']);
    expect(peer.results()).toHaveLength(2);
    const successor = new FakeHost(host.outbox);
    const agent = successor.agent();
    await agent.start();
    const again = await successor.greet();
    expect(again.last('state').leases).toMatchObject([{ lease_id: leaseId(1), tasks: [{ index: 0 }, { index: 1 }] }]);
    expect(successor.blobs.stored.size).toBe(1);
    again.send('reconcile', { leases: [{ lease_id: leaseId(1), epoch: 1, action: 'keep', reason: 'lease_open' }] });
    await settle();
    expect(again.results()).toMatchObject([{ index: 0 }, { index: 1 }]);
    expect(yields(again)).toEqual(['lease_not_held']);
    acceptAll(again);
    expect(host.outbox.kept.size).toBe(0);
  });

  test('results outlast a clock that was wrong by years; an output lost in the crash is let go', async () => {
    const { host } = await working(['a', 'big:40000']);
    const outbox = new MemoryOutbox();
    for (const kept of host.outbox.kept.values()) outbox.append({ ...kept, saved_at_ms: kept.result.index === 0 ? 0 : kept.saved_at_ms });
    const successor = new FakeHost(outbox);
    const agent = successor.agent();
    await agent.start();
    await settle();
    expect(agent.status.unconfirmed).toBe(1);
    expect([...outbox.kept.values()].map(({ result }) => result.index)).toEqual([0]);
  });

  test('a state that outgrows a frame is sent in parts', async () => {
    const { host, peer } = await working([]);
    for (let first = 0; first < 3_000; first += 500) {
      peer.send(
        'tasks',
        tasksOf(
          Array.from({ length: 500 }, () => 'hang'),
          { first },
        ),
      );
      await settle();
    }
    peer.drop();
    await host.clock.advance(1_000);
    const again = await host.greet();
    const parts = again.all('state');
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map((part) => part.more)).toEqual([...parts.slice(1).map(() => true), false]);
    expect(new Set(parts.flatMap((part) => part.leases.flatMap((lease) => lease.tasks.map((task) => task.index)))).size).toBe(3_000);
  });
});
