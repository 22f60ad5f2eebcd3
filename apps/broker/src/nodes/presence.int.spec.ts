import { CLOSE } from '#protocol';
import { until } from '../../../../test/chaos/until.js';
import { startBroker, startProcess, type TestBroker, type TestPerson } from '../../../../test/support/broker.js';
import { FakeNode, resultOf } from '../../../../test/support/fake-node.js';
import { echoModule, placed } from '../../../../test/support/orders.js';
import { PresenceCommands } from './presence.commands.js';

let broker: TestBroker;
let owner: TestPerson;
beforeAll(async () => {
  broker = await startBroker();
  owner = await broker.person();
});
afterAll(() => broker?.close());

interface Seen {
  id: string;
  event: string;
  data: { node_id: string; state: string; reason: { code: string }; nodes: { node_id: string; state: string }[] };
}

/** The feed as a client of this person reads it; `next` is the next event. */
async function feed(person: TestPerson, query = '', headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(`${broker.url}/v1/presence/stream${query}`, {
    headers: { authorization: `Bearer ${person.api_key}`, ...headers },
    signal: abort.signal,
  });
  expect(response.status).toBe(200);
  const seen: Seen[] = [];
  void (async () => {
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const fields = Object.fromEntries(
          part.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
        );
        if (fields.event) seen.push({ id: fields.id, event: fields.event, data: JSON.parse(fields.data ?? '') } as Seen);
      }
    }
  })().catch(() => {});
  return {
    next: () => until('an event of the feed', 30_000, () => seen.shift()),
    states: async (...states: string[]) => {
      const got: string[] = [];
      while (got.length < states.length) got.push((await until('an event', 30_000, () => seen.shift())).data.state);
      expect(got).toEqual(states);
    },
    stop: () => abort.abort(),
  };
}

test('a node is seen through its day by its owner and by admins, by nobody else, and whoever was away catches up', async () => {
  const stranger = await broker.person({ name: 'Eve' });
  const admin = await broker.person({ name: 'Ann', roles: ['owner', 'developer', 'admin'] });
  const developer = await broker.person({ name: 'Dev' });
  const module_hash = await echoModule(broker, developer);
  const node = await FakeNode.enrol(broker, owner);
  const [mine, theirs, all] = [await feed(owner), await feed(stranger, '?all=true'), await feed(admin, '?all=true')];
  for (const { next } of [mine, theirs, all]) expect(await next()).toMatchObject({ event: 'snapshot', data: { nodes: [] } });

  const session = await node.connect();
  await mine.states('online');
  session.send('state', { leases: [] });
  session.offer(1);
  const idle = await mine.next();
  expect(idle).toMatchObject({ event: 'presence', data: { node_id: node.node_id, state: 'idle' } });
  await placed(developer, module_hash);
  const [task] = await session.tasks();
  if (!task) throw new Error('no task came');
  await mine.states('busy');
  session.results(task, resultOf(task, 'one'));
  await mine.states('idle');
  const reason = { code: 'typed', sentence: 'Recording music until nine.' };
  session.send('offer', {
    slots: [{ slot_class: 'micro', count: 1, reserve_price_micro: '50' }],
    speed_fuel_per_ms: 1,
    available: false,
    reason,
  });
  expect((await mine.next()).data).toMatchObject({ state: 'paused', reason });
  const other = { code: 'battery_low', sentence: 'The battery is at 40 %.' };
  session.send('offer', { slots: [], speed_fuel_per_ms: 1, available: false, reason: other });
  expect((await mine.next()).data).toMatchObject({ state: 'paused', reason: other });
  await session.vanish();
  expect((await mine.next()).data).toMatchObject({ state: 'disconnected', reason: { code: 'away' } });
  await all.states('online', 'idle', 'busy', 'idle', 'paused', 'paused', 'disconnected');

  // Somebody who saw it idle and was away since: everything after that, from memory and from the database alike.
  for (const catching_up of [await feed(owner, `?after=${idle.id}`), await feed(owner, '', { 'last-event-id': idle.id })]) {
    await catching_up.states('busy', 'idle', 'paused', 'paused', 'disconnected');
    catching_up.stop();
  }
  const late = await feed(owner);
  expect((await late.next()).data.nodes).toMatchObject([{ node_id: node.node_id, state: 'disconnected' }]);

  await broker.sql("UPDATE node SET last_seen_at = now() - interval '16 minutes' WHERE id = $1", [node.node_id]);
  const presence = broker.app.get(PresenceCommands, { strict: false });
  await presence.findUntold();
  await late.states('lost');
  // As a gateway leaves it that is killed before it could tell.
  await broker.sql("UPDATE node SET state = 'ONLINE', last_seen_at = now() WHERE id = $1", [node.node_id]);
  await presence.findUntold();
  await late.states('online');
  await broker.sql("UPDATE node SET state = 'DISCONNECTED', last_seen_at = now() - interval '16 minutes' WHERE id = $1", [node.node_id]);
  await presence.findUntold();
  await late.states('lost');
  for (const { stop } of [mine, theirs, all, late]) stop();

  const [listed] = await owner.heap.nodes();
  expect(listed).toMatchObject({ presence: 'lost', health: { score: 3, rules: [{ name: 'WORKED', weight: 3 }] } });
});

test('the SDK follows it: everything first, each change once, and on from a number over a connection that breaks', async () => {
  const person = await broker.person();
  const node = await FakeNode.enrol(broker, person);
  const stop = new AbortController();
  const news = person.heap.watchNodes({ signal: stop.signal });
  expect((await news.next()).value).toMatchObject({ snapshot: true, nodes: [] });
  const session = await node.online();
  const seen: { seq: string; state: string | undefined }[] = [];
  while (seen.at(-1)?.state !== 'idle') {
    const { seq, snapshot, nodes } = (await news.next()).value;
    expect([snapshot, nodes.map(({ node_id }) => node_id)]).toEqual([false, [node.node_id]]);
    seen.push({ seq, state: nodes[0]?.state });
  }
  stop.abort(new Error('enough'));
  await expect(news.next()).rejects.toThrow('enough');
  session.send('bye', { code: 'over' });
  await session.closed;

  const later = new AbortController();
  const rest = person.heap.watchNodes({ after: seen[0]?.seq ?? '', signal: later.signal });
  const caught_up: string[] = [];
  for await (const { nodes } of rest) {
    caught_up.push(...nodes.map(({ state }) => state));
    if (caught_up.at(-1) === 'disconnected') break;
  }
  expect(caught_up).toEqual([...seen.slice(1).map(({ state }) => state), 'disconnected']);
});

test('nodes of a gateway that stops are seen to drain until they are at another', async () => {
  const person = await broker.person({ name: 'Dora' });
  const other = await startProcess(broker, { HEAP_ROLES: 'gateway', HEAP_GATEWAY_NAME: 'stops', HEAP_DRAIN_MS: '20000' });
  const node = await FakeNode.enrol(broker, person);
  const there = await node.online({ url: other.url });
  const mine = await feed(person);
  const seen = async (state: string) => {
    for (const states: string[] = []; ; ) {
      const { data } = await mine.next();
      const [now] = data.nodes ?? [data];
      states.push(now?.state ?? '');
      if (now?.state === state) return states;
    }
  };
  await seen('idle');
  const closed = other.close();
  await there.next('drain');
  expect(await seen('draining')).toEqual(['draining']);
  // It goes in its own time; its offer stands anew where it comes to.
  const here = await node.online({ resume: there });
  expect((await there.closed).code).toBe(CLOSE.replaced);
  expect(await seen('idle')).not.toContain('lost');
  await closed;
  expect((await person.heap.nodes())[0]).toMatchObject({ state: 'ONLINE', presence: 'idle' });
  await here.vanish();
  mine.stop();
});

test('a node that its owner takes out is lost at once, for the owner and for admins, and is shown to nobody after that', async () => {
  const person = await broker.person({ name: 'Rex' });
  const admin = await broker.person({ name: 'Amy', roles: ['owner', 'developer', 'admin'] });
  const node = await FakeNode.enrol(broker, person);
  const session = await node.online();
  const mine = await feed(person);
  const all = await feed(admin, '?all=true');
  await until('it to be idle', 30_000, async () => (await mine.next()).data.state === 'idle' || undefined);
  expect((await person.call('DELETE', `/v1/nodes/${node.node_id}`)).status).toBe(204);
  expect((await session.closed).code).toBe(CLOSE.revoked);
  expect((await mine.next()).data).toMatchObject({ node_id: node.node_id, state: 'lost', reason: { code: 'revoked' } });
  const told = await until('the admin to see it', 30_000, async () => {
    const { data } = await all.next();
    return data.node_id === node.node_id && data.state === 'lost' ? data : undefined;
  });
  expect(told.reason.code).toBe('revoked');
  await expect(node.connect()).rejects.toThrow('closed before "welcome" came');
  const late = await feed(person);
  expect((await late.next()).data.nodes).toEqual([]);
  for (const { stop } of [mine, all, late]) stop();
});
