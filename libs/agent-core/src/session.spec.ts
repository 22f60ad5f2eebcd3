import { CLOSE, helloSigningText, PROTOCOL } from '#protocol';
import { WELCOME } from './fakes/fake-broker.js';
import { settle } from './fakes/fake-clock.js';
import { acceptAll, deviceSignature, FakeHost, JOB_ID, leaseId, NODE_ID, tasksOf } from './fakes/fake-host.js';
import { NOTHING_READ } from './owner/readings.js';

const wait = { long_wait_ms: 300_000 };

async function opened() {
  const host = new FakeHost();
  const agent = host.agent();
  await agent.start();
  return { host, agent, peer: host.broker.peer };
}

describe('greeting', () => {
  test('answers the challenge with a signature that names this heap, then says what it holds and offers', async () => {
    const { host, agent, peer } = await opened();
    await host.greet();
    const claim = { nonce: 'n'.repeat(22), host: 'heap.test:8080', node_id: NODE_ID, version: PROTOCOL };
    expect(peer.last('hello')).toEqual({
      node_id: NODE_ID,
      version: PROTOCOL,
      agent_version: '1.2.3',
      algorithm: 'ed25519',
      signature: deviceSignature(helloSigningText(claim)),
    });
    expect(peer.received.map((message) => message.t)).toEqual(['hello', 'state', 'offer']);
    expect(peer.last('state').leases).toEqual([]);
    expect(peer.last('offer')).toMatchObject({
      available: true,
      reason: { code: 'ready' },
      slots: [{ slot_class: 'micro', count: 2, reserve_price_micro: null }],
      speed_fuel_per_ms: 1_000,
    });
    expect(agent.status.session.state).toBe('online');
  });

  test('gives up on a heap that does not answer, and tries again', async () => {
    const { host, agent, peer } = await opened();
    await host.clock.advance(10_000);
    expect(peer.closed?.code).toBe(CLOSE.gap);
    expect(agent.status.session.state).toBe('waiting');
    await host.clock.advance(1_000);
    expect(host.broker.peers).toHaveLength(2);
  });

  test('does not talk to a heap of another version', async () => {
    const { host, agent, peer } = await opened();
    peer.send('challenge', { nonce: 'n'.repeat(22), server_id: 'x', versions: ['openheaps.v9'] });
    await settle();
    expect(peer.closed?.code).toBe(CLOSE.upgrade);
    expect(agent.status.session.code).toBe('upgrade_needed');
    await host.clock.advance(wait.long_wait_ms - 1);
    expect(host.broker.peers).toHaveLength(1);
  });
});

describe('reconnecting', () => {
  test('comes back soon when an earlier handshake of its own overtook it, and does not take it for another agent', async () => {
    const { host, agent, peer } = await opened();
    peer.drop(CLOSE.replaced);
    expect(agent.status.session).toMatchObject({ state: 'waiting', code: 'overtaken' });
    await host.clock.advance(1_000);
    expect(host.broker.peers).toHaveLength(2);
  });

  test('is hurried by a host that hears of the network, and never where waiting has a reason', async () => {
    const { host, agent } = await opened();
    const first = await host.greet();
    first.drop(CLOSE.gap);
    await settle();
    expect(agent.status.session.state).toBe('waiting');
    agent.hurry();
    expect(agent.status.session.state).toBe('connecting');
    const second = await host.greet();
    second.drop(CLOSE.replaced);
    await settle();
    agent.hurry();
    expect(agent.status.session).toMatchObject({ state: 'waiting', code: 'replaced' });
  });

  test('waits a random time up to one second, doubled each time, capped at five minutes', async () => {
    const host = new FakeHost();
    host.random = 0.999999;
    host.broker.away = true;
    const agent = host.agent();
    await agent.start();
    const waits: number[] = [];
    for (let i = 0; i < 11; i++) {
      const before = host.broker.peers.length;
      const began = host.clock.now_ms();
      while (host.broker.peers.length === before) await host.clock.advance(500);
      waits.push(Math.round((host.clock.now_ms() - began) / 1_000));
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    expect(agent.status.session.code).toBe('disconnected');
  });

  test('stays away for as long as a busy heap asks, up to twice that, and no longer than five minutes', async () => {
    const host = new FakeHost();
    host.random = 0.5;
    const agent = host.agent();
    await agent.start();
    for (const [asked_ms, wait_ms] of [
      [5_000, 7_500],
      [9_000_000, 300_000 * 1.5],
    ] as const) {
      const before = host.broker.peers.length;
      host.broker.peer.send('throttle', { retry_in_ms: asked_ms, code: 'busy' });
      host.broker.peer.drop(CLOSE.try_later, 'try again in a moment');
      await settle();
      expect(agent.status.session).toMatchObject({ state: 'waiting', code: 'busy' });
      await host.clock.advance(wait_ms - 1);
      expect(host.broker.peers).toHaveLength(before);
      await host.clock.advance(1);
      expect(host.broker.peers).toHaveLength(before + 1);
    }
  });

  test('starts from the beginning after a connection that lasted', async () => {
    const host = new FakeHost();
    host.random = 0.999999;
    const { agent } = await host.online();
    for (const lasted_ms of [0, 0, 0, 10_000]) {
      await host.clock.advance(lasted_ms);
      const before = host.broker.peers.length;
      host.broker.peer.drop();
      while (host.broker.peers.length === before) await host.clock.advance(100);
      await host.greet();
    }
    host.broker.peer.drop();
    expect(agent.status.session.sentence).toContain('Next try in 2.0 s');
  });

  test('starts from the beginning after a connection, however short, on which the heap took results in', async () => {
    const host = new FakeHost();
    host.random = 0.999999;
    const { agent } = await host.online();
    for (let i = 0; i < 4; i++) {
      const before = host.broker.peers.length;
      host.broker.peer.drop();
      while (host.broker.peers.length === before) await host.clock.advance(100);
      await host.greet();
    }
    acceptAll(host.broker.peer);
    await settle();
    host.broker.peer.drop();
    expect(agent.status.session.sentence).toContain('Next try in 1.0 s');
  });

  test.each([
    [CLOSE.replaced, 'replaced', 'waiting', 150_000],
    [CLOSE.upgrade, 'upgrade_needed', 'waiting', 150_000],
    [CLOSE.unauthenticated, 'unauthenticated', 'waiting', 0],
    [CLOSE.gap, 'gap', 'waiting', 0],
    [CLOSE.malformed, 'malformed', 'waiting', 0],
    [CLOSE.rate, 'too_fast', 'waiting', 0],
    [1006, 'disconnected', 'waiting', 0],
  ])('close code %i is told as %s and waits at least so long', async (code, name, state, at_least_ms) => {
    const host = new FakeHost();
    const { agent, peer } = await host.online();
    peer.drop(code, 'because');
    expect(agent.status.session).toMatchObject({ code: name, state });
    await host.clock.advance(at_least_ms);
    expect(host.broker.peers).toHaveLength(1);
    await host.clock.advance(300_000);
    expect(host.broker.peers.length).toBeGreaterThan(1);
  });

  test('a revoked device stops for good, and stops working', async () => {
    const host = new FakeHost();
    const { agent, peer } = await host.online();
    await host.grant(peer);
    peer.send('tasks', tasksOf(['hang']));
    await settle();
    peer.drop(CLOSE.revoked, 'stolen');
    await host.clock.advance(10 * 3_600_000);
    expect(host.broker.peers).toHaveLength(1);
    expect(agent.status).toMatchObject({ session: { state: 'stopped', code: 'revoked' }, work: [] });
  });

  test('comes back at a random time within what a draining heap asks for', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    peer.send('drain', { reconnect_in_ms: 60_000 });
    await host.clock.advance(29_000);
    expect(host.broker.peers).toHaveLength(1);
    await host.clock.advance(1_000);
    expect(host.broker.peers).toHaveLength(2);
  });

  test('what an old socket still says is not heard', async () => {
    const host = new FakeHost();
    const { agent, peer } = await host.online();
    peer.send('bye', { code: 'restart' });
    await host.clock.advance(1_000);
    await host.greet();
    peer.closed = null;
    peer.raw('garbage');
    peer.drop(CLOSE.revoked);
    expect(agent.status.session.state).toBe('online');
  });
});

describe('a session outlives its connections', () => {
  const back = async (host: FakeHost) => {
    await host.clock.advance(1_000);
    host.broker.peer.challenge();
    await settle();
  };

  test('asks for it with what has arrived, and signs that', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    await host.grant(peer);
    peer.drop();
    await back(host);
    const resume = { sid: WELCOME.sid, h: 1 };
    const claim = { nonce: 'n'.repeat(22), host: 'heap.test:8080', node_id: NODE_ID, version: PROTOCOL, resume };
    expect(host.broker.peer.last('hello')).toMatchObject({ resume, signature: deviceSignature(helloSigningText(claim)) });
  });

  test('what the heap has not had goes out again, under its old number, and then what was finished meanwhile', async () => {
    const host = new FakeHost();
    const { agent, peer } = await host.online();
    await host.grant(peer);
    peer.send('tasks', tasksOf(['a']));
    await host.clock.advance(10);
    const h = peer.channel.highest_received - 1;
    expect(peer.results()).toHaveLength(1);
    peer.drop();
    await back(host);
    const again = host.broker.peer;
    Object.assign(again.channel, { received: h });
    again.welcome({ resumed: true, h, session_epoch: 2 });
    await settle();
    expect(again.received.map((message) => message.t)).toEqual(['hello', 'results', 'offer']);
    expect(again.results()).toEqual(peer.results());
    expect(agent.status).toMatchObject({ session: { state: 'online' }, work: [{ lease_id: leaseId(1) }], unconfirmed: 1 });
  });

  test('a heap that has forgotten it is told what is held', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    await host.grant(peer);
    peer.drop();
    await back(host);
    host.broker.peer.welcome({ sid: JOB_ID });
    await settle();
    expect(host.broker.peer.received.map((message) => message.t)).toEqual(['hello', 'state', 'offer']);
    expect(host.broker.peer.last('state').leases).toMatchObject([{ lease_id: leaseId(1), epoch: 1 }]);
  });

  test('a heap that claims to have had what was never sent is left, and met anew', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    peer.drop();
    await back(host);
    host.broker.peer.welcome({ resumed: true, h: 99 });
    expect(host.broker.peer.closed?.code).toBe(CLOSE.malformed);
    await back(host);
    expect(host.broker.peer.last('hello').resume).toBeUndefined();
  });

  test('another that took over ends it', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    peer.drop(CLOSE.replaced);
    await host.clock.advance(wait.long_wait_ms);
    host.broker.peer.challenge();
    await settle();
    expect(host.broker.peer.last('hello').resume).toBeUndefined();
  });

  test('what the heap calls off stops, and that is confirmed, also where nothing runs', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    await host.grant(peer);
    peer.send('tasks', tasksOf(['hang', 'b']));
    await settle();
    const one = { lease_id: leaseId(1), epoch: 1, tasks: [[0, 1]] as [number, number][] };
    peer.send('cancel', one);
    await host.clock.advance(1_000);
    expect(peer.all('cancelled')).toEqual([one]);
    expect(peer.results().map(({ index }) => index)).toEqual([1]);
    const other = { lease_id: leaseId(2), epoch: 1 };
    peer.send('cancel', other);
    await settle();
    expect(peer.last('cancelled')).toEqual(other);
  });

  test('the heap may ask for another heartbeat', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    peer.send('config', { heartbeat_ms: 1_000 });
    await host.clock.advance(1_200);
    expect(peer.all('hb')).toHaveLength(1);
  });
});

describe('staying alive', () => {
  test('a heartbeat goes out within ten per cent of its time', async () => {
    const host = new FakeHost();
    host.random = 0;
    const { peer } = await host.online({ sensors: { every_ms: 10_000, read: async () => ({ ...NOTHING_READ, load: 0.25 }) } });
    await host.clock.advance(26_999);
    expect(peer.all('hb')).toEqual([]);
    host.random = 1;
    await host.clock.advance(1);
    expect(peer.all('hb')).toEqual([{ running: 0, load: 0.25 }]);
    await host.clock.advance(32_999);
    expect(peer.all('hb')).toHaveLength(1);
    await host.clock.advance(1);
    expect(peer.all('hb')).toHaveLength(2);
  });

  test('a heap that falls silent for two and a half heartbeats is left', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    await host.clock.advance(60_000);
    peer.send('hb.ok', { renewed: [], cancel: [] });
    await host.clock.advance(74_999);
    expect(peer.closed).toBeNull();
    await host.clock.advance(1);
    expect(peer.closed?.code).toBe(CLOSE.gap);
  });

  test('acknowledges every eighth message at once and a lone one soon', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    const end = () => peer.send('lease.end', { lease_id: NODE_ID, epoch: 1, reason: { code: 'x', sentence: '' } });
    for (let i = 0; i < 7; i++) end();
    expect(peer.all('ack')).toHaveLength(0);
    end();
    await settle();
    expect(peer.all('ack')).toHaveLength(1);
    expect(peer.received.at(-1)?.a).toBe(8);
    end();
    await host.clock.advance(2_000);
    expect(peer.received.at(-1)).toMatchObject({ t: 'ack', a: 9 });
  });

  test('an idle session leaves only its two timers', async () => {
    const host = new FakeHost();
    await host.online();
    expect(host.clock.pending).toBe(2);
  });
});

describe('a heap that misbehaves', () => {
  const hostile: [string, string, number][] = [
    ['not JSON', '{"v":1', CLOSE.malformed],
    ['an empty frame', '', CLOSE.malformed],
    ['null', 'null', CLOSE.malformed],
    ['no message', '[]', CLOSE.malformed],
    ['an unknown type', '{"v":1,"t":"rm","b":{}}', CLOSE.malformed],
    ['a type only nodes send', '{"v":1,"t":"hb","b":{"running":0}}', CLOSE.malformed],
    ['a poisoned prototype', '{"v":1,"t":"hb.ok","b":{"renewed":[],"cancel":[],"__proto__":{"x":1}}}', CLOSE.malformed],
    ['a body of the wrong shape', '{"v":1,"t":"tasks","s":1,"b":{"lease_id":7}}', CLOSE.malformed],
    ['a reliable message without number', '{"v":1,"t":"reconcile","b":{"leases":[]}}', CLOSE.malformed],
    ['a number from the future', '{"v":1,"t":"reconcile","s":9,"b":{"leases":[]}}', CLOSE.gap],
    ['a second welcome', '', 0],
    ['depth', '['.repeat(5_000), CLOSE.malformed],
    ['size', `"${'x'.repeat(70_000)}"`, CLOSE.too_big],
  ];
  test.each(hostile)('%s closes the connection and nothing else', async (name, frame, code) => {
    const host = new FakeHost();
    const { agent, peer } = await host.online();
    if (name === 'a second welcome') peer.welcome();
    else peer.raw(frame);
    expect(peer.closed?.code).toBe(code || CLOSE.malformed);
    await host.clock.advance(1_000);
    await host.greet();
    expect(agent.status.session.state).toBe('online');
  });

  test('a welcome that claims to resume what was never asked for is refused', async () => {
    const { host, peer } = await opened();
    await host.greet({ resumed: true });
    expect(peer.closed?.code).toBe(CLOSE.malformed);
  });

  test('work before the welcome is refused', async () => {
    const { peer } = await opened();
    peer.send('tasks', tasksOf(['x']));
    expect(peer.closed?.code).toBe(CLOSE.malformed);
  });

  test('a repeated message has no second effect', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    await host.grant(peer);
    const frame = JSON.stringify(peer.channel.envelope('tasks', tasksOf(['a', 'b'])));
    for (let i = 0; i < 3; i++) peer.raw(frame);
    await host.clock.advance(10);
    expect(host.slots[0]?.ran).toEqual(['a', 'b']);
    expect(peer.results()).toHaveLength(2);
  });

  test('no heartbeat however small makes the device spin', async () => {
    const { host, peer } = await opened();
    await host.greet({ heartbeat_ms: 1 });
    await host.clock.advance(240);
    expect(peer.all('hb').length).toBeLessThanOrEqual(3);
  });
});

describe('pace', () => {
  test('stays under the rate of the heap and packs more into each message instead', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    await host.grant(peer);
    let index = 0;
    for (let step = 0; step < 500; step++) {
      peer.send('tasks', tasksOf(['a', 'b', 'c'], { first: index }));
      index += 3;
      await host.clock.advance(5);
      if (step % 20 === 0) acceptAll(peer);
    }
    expect(peer.frames).toBeLessThanOrEqual(50 * 2.5 + 200);
    acceptAll(peer);
    await host.clock.advance(1_000);
    expect(peer.results()).toHaveLength(1_500);
  });

  test('goes quiet while throttled', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    await host.grant(peer);
    peer.send('throttle', { retry_in_ms: 500, code: 'busy' });
    peer.send('tasks', tasksOf(['a']));
    await host.clock.advance(499);
    expect(peer.results()).toEqual([]);
    await host.clock.advance(1);
    expect(peer.results()).toHaveLength(1);
  });

  test('a full window holds everything back until the heap reads', async () => {
    const host = new FakeHost();
    const { peer } = await host.online();
    peer.acknowledges = false;
    await host.grant(peer);
    for (let i = 0; i < 70; i++) {
      peer.send('tasks', tasksOf([`t${i}`], { first: i }));
      await host.clock.advance(100);
    }
    expect(peer.channel.highest_received).toBe(64);
    peer.send('ack', {});
    await host.clock.advance(10);
    expect(peer.results()).toHaveLength(70);
  });
});
