import { COMMITS, commitmentText, OWNER_WORDS, PROTOCOL } from '#protocol';
import { sha256 } from './fakes/fake-bytes.js';
import { settle } from './fakes/fake-clock.js';
import { acceptAll, FakeHost, JOB_ID, leaseId, NODE_ID, tasksOf } from './fakes/fake-host.js';

const NONCE = '07'.repeat(16);
const WORKED_MS = 10;

/** At a heap that takes commitments, with a lease that asks for them. */
async function committing(host = new FakeHost()) {
  host.versions = [PROTOCOL, COMMITS];
  const { agent, peer } = await host.online();
  await host.grant(peer, { commit: true });
  return { host, agent, peer };
}

const worked = async (host: FakeHost) => {
  await settle();
  await host.clock.advance(WORKED_MS);
  await settle();
};
const reveal = (...tasks: [number, number][]) => ({ lease_id: leaseId(1), epoch: 1, tasks });
const committedTo = (output: string, index: number, fuel_used: number) => ({
  index,
  epoch: 1,
  commitment: sha256(
    Buffer.from(
      commitmentText({
        ...{ job_id: JOB_ID, index, epoch: 1, node_id: NODE_ID, nonce: NONCE },
        ...{ verdict: 'ok', exit_code: 0, output_hash: sha256(Buffer.from(output)), fuel_used },
      }),
    ),
  ),
});

test.each([
  ['names what it speaks of that to a heap that takes commitments', [PROTOCOL, OWNER_WORDS, COMMITS], [COMMITS]],
  ['says nothing of it to an older heap', [PROTOCOL, OWNER_WORDS], undefined],
])('%s', async (_, versions, speaks) => {
  const host = new FakeHost();
  host.versions = versions;
  const { peer } = await host.online();
  expect(peer.last('hello').speaks).toEqual(speaks);
});

test('commits to what it finishes and reveals it with its nonce when it is asked, each as it is asked', async () => {
  const { host, agent, peer } = await committing();
  peer.send('tasks', tasksOf(['one', 'two']));
  await worked(host);
  expect(peer.all('commits').flatMap((body) => body.commits)).toEqual([committedTo('ONE', 0, 3), committedTo('TWO', 1, 3)]);
  expect(peer.results()).toEqual([]);
  expect(agent.status.unconfirmed).toBe(2);
  peer.send('reveal', reveal([1, 1]));
  await worked(host);
  expect(peer.results()).toMatchObject([{ index: 1, nonce: NONCE, output_hash: sha256(Buffer.from('TWO')) }]);
  peer.send('reveal', reveal([0, 1], [1, 1], [7, 1]));
  await worked(host);
  expect(peer.results().map(({ index }) => index)).toEqual([1, 0]);
  acceptAll(peer);
  expect(agent.status.unconfirmed).toBe(0);
});

test('a lease that does not ask for it has one message for each result, as ever', async () => {
  const host = new FakeHost();
  host.versions = [PROTOCOL, COMMITS];
  const { peer } = await host.online();
  await host.grant(peer);
  peer.send('tasks', tasksOf(['one']));
  await worked(host);
  expect(peer.all('commits')).toEqual([]);
  expect(peer.results()).toMatchObject([{ index: 0 }]);
  expect(peer.results()[0]?.nonce).toBeUndefined();
});

test('what says nothing about the program is told at once', async () => {
  const { host, peer } = await committing();
  peer.send('tasks', tasksOf(['crash']));
  await worked(host);
  expect(peer.all('commits')).toEqual([]);
  expect(peer.results()).toMatchObject([{ index: 0, verdict: 'killed' }]);
});

test('a large output stays here until it is asked for', async () => {
  const { host, peer } = await committing();
  peer.send('tasks', tasksOf(['big:40000']));
  await worked(host);
  const hash = sha256(new Uint8Array(40_000).fill(7));
  expect([peer.all('commits').length, host.blobs.stored.has(hash)]).toEqual([1, false]);
  peer.send('reveal', reveal([0, 1]));
  await worked(host);
  expect(host.blobs.stored.has(hash)).toBe(true);
  expect(peer.results()).toMatchObject([{ index: 0, nonce: NONCE, output: { hash, bytes: 40_000 } }]);
});

describe('between commitment and reveal', () => {
  test('a connection that comes back goes on: nothing is said twice, what was asked for meanwhile is revealed', async () => {
    const { host, peer } = await committing();
    peer.send('tasks', tasksOf(['one']));
    await worked(host);
    peer.drop();
    await host.clock.advance(1_000);
    const again = host.broker.peer;
    again.challenge(host.versions);
    await settle();
    // The heap's end of the session goes on counting.
    Object.assign(again.channel, { received: peer.channel.highest_received, sent: peer.channel.highest_sent });
    again.welcome({ resumed: true, h: peer.channel.highest_received, session_epoch: 2 });
    await settle();
    expect(again.all('commits')).toEqual([]);
    again.send('reveal', reveal([0, 1]));
    await worked(host);
    expect(again.results()).toMatchObject([{ index: 0, nonce: NONCE }]);
  });

  test('in a new session it states the task as finished and commits to the same again', async () => {
    const { host, peer } = await committing();
    peer.send('tasks', tasksOf(['one']));
    await worked(host);
    peer.drop();
    await host.clock.advance(1_000);
    const again = await host.greet();
    expect(again.last('state').leases).toEqual([{ lease_id: leaseId(1), epoch: 1, tasks: [{ index: 0, epoch: 1, phase: 'finished' }] }]);
    again.send('reconcile', { leases: [{ lease_id: leaseId(1), epoch: 1, action: 'keep', reason: 'lease_current' }] });
    await worked(host);
    expect(again.all('commits').flatMap((body) => body.commits)).toEqual([committedTo('ONE', 0, 3)]);
    expect(again.results()).toEqual([]);
  });

  test('an agent that was restarted still knows its nonce: the lease is over for it, so it reveals unasked', async () => {
    const { host, peer } = await committing();
    peer.send('tasks', tasksOf(['one']));
    await worked(host);
    peer.drop();
    const next = new FakeHost(host.outbox);
    next.versions = [PROTOCOL, COMMITS];
    const { peer: again } = await next.online();
    again.send('reconcile', { leases: [{ lease_id: leaseId(1), epoch: 1, action: 'keep', reason: 'lease_current' }] });
    await worked(next);
    expect(again.results()).toMatchObject([{ index: 0, nonce: NONCE }]);
  });

  test('a heap that has become an older one is told the result as such', async () => {
    const { host, peer } = await committing();
    peer.send('tasks', tasksOf(['one']));
    await worked(host);
    peer.drop();
    host.versions = [PROTOCOL];
    await host.clock.advance(1_000);
    const again = await host.greet();
    again.send('reconcile', { leases: [{ lease_id: leaseId(1), epoch: 1, action: 'keep', reason: 'lease_current' }] });
    await worked(host);
    expect(again.all('commits')).toEqual([]);
    expect(again.results()).toMatchObject([{ index: 0 }]);
    expect(again.results()[0]?.nonce).toBeUndefined();
  });

  test('the owner takes the device back: what is finished is revealed before the lease is given back', async () => {
    const { host, agent, peer } = await committing();
    peer.send('tasks', tasksOf(['one']));
    await worked(host);
    await agent.hold();
    const order = peer.received.map(({ t }) => t).filter((t) => t === 'results' || t === 'yield');
    expect(order).toEqual(['results', 'yield']);
  });

  test.each<[string, (peer: Awaited<ReturnType<typeof committing>>['peer']) => void]>([
    [
      'its lease ends',
      (peer) => peer.send('lease.end', { lease_id: leaseId(1), epoch: 1, reason: { code: 'job_done', sentence: 'Done.' } }),
    ],
    ['the heap calls the task off', (peer) => peer.send('cancel', { lease_id: leaseId(1), epoch: 1, tasks: [[0, 1]] })],
  ])('%s: the result is told, for the heap to say that it may be forgotten', async (_, happens) => {
    const { host, agent, peer } = await committing();
    peer.send('tasks', tasksOf(['one']));
    await worked(host);
    happens(peer);
    await worked(host);
    expect(peer.results()).toMatchObject([{ index: 0 }]);
    peer.send('results.ack', { lease_id: leaseId(1), accepted: [], duplicate: [], stale: [[0, 1]], rejected: [] });
    expect(agent.status.unconfirmed).toBe(0);
  });

  test('a commitment that nobody waits for frees its result', async () => {
    const { host, agent, peer } = await committing();
    peer.send('tasks', tasksOf(['one']));
    await worked(host);
    peer.send('results.ack', { lease_id: leaseId(1), accepted: [], duplicate: [], stale: [[0, 1]], rejected: [] });
    peer.send('reveal', reveal([0, 1]));
    await worked(host);
    expect([peer.results(), agent.status.unconfirmed]).toEqual([[], 0]);
  });

  test('a task that comes again is committed to again, not run', async () => {
    const { host, peer } = await committing();
    peer.send('tasks', tasksOf(['one']));
    await worked(host);
    peer.send('tasks', tasksOf(['one']));
    await worked(host);
    expect(peer.all('commits').flatMap((body) => body.commits)).toEqual([committedTo('ONE', 0, 3), committedTo('ONE', 0, 3)]);
    expect(host.slots.flatMap((slot) => slot.ran)).toEqual(['one']);
  });
});
