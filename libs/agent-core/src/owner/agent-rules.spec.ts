import { settle } from '../fakes/fake-clock.js';
import { acceptAll, FakeHost, tasksOf } from '../fakes/fake-host.js';
import { NOTHING_READ, type Readings } from './readings.js';
import { NO_RULES, type OwnerRules, SAFE_RULES } from './rules.js';

async function working(rules: OwnerRules, programs: string[]) {
  const host = new FakeHost();
  const device: { readings: Readings; broken: boolean } = {
    readings: { ...NOTHING_READ, idle_ms: 600_000, charging: true },
    broken: false,
  };
  const read = async () => {
    if (device.broken) throw new Error('no sensors');
    return device.readings;
  };
  const { agent, peer } = await host.online({ rules, sensors: { every_ms: 1_000, read } });
  await host.grant(peer);
  if (programs.length > 0) peer.send('tasks', tasksOf(programs));
  await settle();
  return { host, agent, peer, device };
}
const reasons = (peer: { all(t: 'yield'): { reason: { code: string } }[] }) => peer.all('yield').map(({ reason }) => reason.code);

describe("an agent and its owner's rules", () => {
  test('a touched device stops its task at once, says so, measures it and closes its sandboxes', async () => {
    const { host, agent, peer, device } = await working(SAFE_RULES, ['hang']);
    device.readings = { ...device.readings, idle_ms: 0 };
    await host.clock.advance(1_000);
    expect(reasons(peer)).toEqual(['in_use']);
    expect(peer.last('offer')).toMatchObject({ available: false, reason: { code: 'in_use' } });
    expect(agent.status).toMatchObject({ work: [], give_backs: { count: 1 }, standing: { available: false, code: 'in_use' } });
    expect(host.slots.every((slot) => slot.closed)).toBe(true);
  });

  test('and works again after the dwell', async () => {
    const { host, peer, device } = await working(SAFE_RULES, []);
    device.readings = { ...device.readings, idle_ms: 0 };
    await host.clock.advance(1_000);
    device.readings = { ...device.readings, idle_ms: 120_000 };
    await host.clock.advance(59_000);
    expect(peer.last('offer')).toMatchObject({ available: false, reason: { code: 'settling' } });
    await host.clock.advance(2_000);
    expect(peer.last('offer')).toMatchObject({ available: true, reason: { code: 'ready' } });
  });

  test('a rule that lets tasks finish takes no more leases, finishes, and gives back', async () => {
    const { host, peer, device } = await working(SAFE_RULES, ['hang']);
    device.readings = { ...device.readings, charging: false };
    await host.clock.advance(1_000);
    expect(peer.last('offer')).toMatchObject({ available: false, reason: { code: 'not_charging' } });
    expect(reasons(peer)).toEqual([]);
    host.slots[0]?.kill();
    await host.clock.advance(1_000);
    expect(reasons(peer)).toEqual(['not_charging']);
    expect(host.slots.every((slot) => slot.closed)).toBe(true);
  });

  test('but not for ever', async () => {
    const { host, peer, device } = await working({ ...SAFE_RULES, finish_ms: 5_000 }, ['hang']);
    device.readings = { ...device.readings, charging: false };
    await host.clock.advance(5_000);
    expect(reasons(peer)).toEqual([]);
    await host.clock.advance(1_001);
    expect(reasons(peer)).toEqual(['not_charging']);
  });

  test('a second rule that will not wait ends the wait of the first', async () => {
    const { host, peer, device } = await working(SAFE_RULES, ['hang']);
    device.readings = { ...device.readings, charging: false };
    await host.clock.advance(1_000);
    device.readings = { ...device.readings, idle_ms: 0 };
    await host.clock.advance(1_000);
    expect(reasons(peer)).toHaveLength(1);
  });

  test('new rules count at once', async () => {
    const { host, agent, peer } = await working(NO_RULES, ['a']);
    acceptAll(peer);
    agent.setRules({ ...NO_RULES, hours: [{ weekdays: [1], from_minute: 0, to_minute: 1 }], time_zone: 'UTC' });
    await settle();
    expect(agent.status.standing).toMatchObject({ available: false, code: 'outside_hours' });
    await host.clock.advance(1);
    expect(peer.last('offer').available).toBe(false);
    agent.setRules(NO_RULES);
    await settle();
    expect(peer.last('offer').available).toBe(true);
  });

  test('a pause ends by itself after its time', async () => {
    const { host, agent, peer } = await working(NO_RULES, []);
    await agent.hold(60_000);
    await host.clock.advance(59_999);
    expect(agent.status.standing.code).toBe('held_by_owner');
    await host.clock.advance(1);
    await settle();
    expect(peer.last('offer')).toMatchObject({ available: true });
  });

  test('sensors that fail are as if there were none, and the owner reads of it', async () => {
    const { host, agent, device } = await working(SAFE_RULES, []);
    device.broken = true;
    await host.clock.advance(1_000);
    expect(agent.status.standing.available).toBe(true);
    expect(agent.status.owner.verdict.rules.find(({ rule }) => rule === 'charging')?.verdict).toBe('unknown');
    expect(host.said.some(({ sentence }) => sentence.includes('sensors'))).toBe(true);
  });

  test('a slot that still reads its module is given back as fast', async () => {
    const host = new FakeHost();
    const { agent, peer } = await host.online();
    host.slotLoads = new Promise(() => {});
    await host.grant(peer);
    const freed = agent.hold();
    await host.clock.advance(1);
    expect(await freed).toBeLessThan(1_000);
    expect(host.slots.every((slot) => slot.closed)).toBe(true);
  });

  test('a device that tells of a change is looked at then, not at the next look', async () => {
    const host = new FakeHost();
    let in_front = true;
    let changed = () => {};
    const sensors = {
      every_ms: 60_000,
      read: async () => ({ ...NOTHING_READ, in_front }),
      watch: (tell: () => void) => {
        changed = tell;
        return () => {};
      },
    };
    const { agent, peer } = await host.online({ rules: { ...NO_RULES, in_front: true }, sensors });
    await host.grant(peer);
    peer.send('tasks', tasksOf(['hang']));
    await settle();
    in_front = false;
    changed();
    await settle();
    expect(reasons(peer)).toEqual(['page_hidden']);
    expect(agent.status).toMatchObject({ work: [], give_backs: { count: 1 } });
  });

  test('a device that becomes slow gives back, rests for a while, then for longer, and works again', async () => {
    const host = new FakeHost();
    const { peer } = await host.online({ paced: true, bounds: { cool_ms: 60_000 } });
    await host.grant(peer);
    const slow = async (first: number) => {
      peer.send(
        'tasks',
        tasksOf(['rate:1000', ...Array.from({ length: 70 }, () => 'rate:1000'), ...Array.from({ length: 90 }, () => 'rate:200')], {
          first,
        }),
      );
      for (let i = 0; i < 200; i++) await settle();
    };
    await slow(0);
    expect(reasons(peer)).toEqual(['slowed_down']);
    expect(peer.last('offer')).toMatchObject({ available: false, reason: { code: 'slowed_down' } });
    expect(peer.last('offer')?.reason.sentence).toContain('at 20 % of its usual speed');
    await host.clock.advance(60_000);
    expect(peer.last('offer')).toMatchObject({ available: true });
  });

  test('the speed of real work is offered when it is another than was measured', async () => {
    const host = new FakeHost();
    const { agent, peer } = await host.online({ paced: true });
    await host.grant(peer);
    await host.clock.advance(60_000);
    peer.send('tasks', tasksOf(Array.from({ length: 30 }, () => 'rate:3000')));
    for (let i = 0; i < 50; i++) await settle();
    expect(peer.last('offer')).toMatchObject({ speed_fuel_per_ms: 3_000, available: true });
    expect(agent.status.speed_fuel_per_ms).toBe(3_000);
  });
});
