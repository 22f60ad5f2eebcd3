import { OWNER_WORDS, PROTOCOL } from '#protocol';
import type { AgentConfig } from '../agent.js';
import { settle } from '../fakes/fake-clock.js';
import { FakeHost, tasksOf } from '../fakes/fake-host.js';
import type { KeptWord, WordBook } from './owner-word.js';
import { NO_RULES, type OwnerRules, SAFE_RULES } from './rules.js';

const NEVER: OwnerRules = { ...NO_RULES, hours: [{ weekdays: [1], from_minute: 0, to_minute: 1 }] };
const nothing: KeptWord = { rules: null, hold: null };

function book(kept: KeptWord = nothing): WordBook & { last: () => KeptWord } {
  let last = kept;
  return {
    kept,
    keep(word) {
      last = word;
    },
    last: () => last,
  };
}

async function online(over: Partial<AgentConfig> = {}, host = new FakeHost()) {
  host.versions = [PROTOCOL, OWNER_WORDS];
  const notes = (over.word as ReturnType<typeof book> | undefined) ?? book();
  const { agent, peer } = await host.online({ ...over, word: notes });
  return { host, agent, peer, notes };
}

describe("the owner's word on a device", () => {
  test('is said at the beginning, and rules from the heap are followed, kept and confirmed', async () => {
    const { host, peer, notes } = await online();
    expect(peer.last('owner')).toMatchObject({
      rules: { version: 0, origin: 'device', rules: NO_RULES },
      own_rules_only: false,
      hold: null,
    });
    peer.send('wish', { rules: { version: 1, rules: NEVER }, hold: null });
    await settle();
    await host.clock.advance(1);
    expect(peer.last('offer')).toMatchObject({ available: false, reason: { code: 'outside_hours' } });
    expect(peer.last('owner').rules).toMatchObject({
      version: 1,
      origin: 'heap',
      rules: { hours: NEVER.hours, cpu_temperature_c: { leave: 95 } },
    });
    expect(notes.last().rules).toMatchObject({ version: 1, origin: 'heap', rules: NEVER });
  });

  test('set on the device, it is newer than what the heap knows, and an older one from there changes nothing', async () => {
    const { agent, peer } = await online();
    agent.setRules(NEVER);
    agent.setRules(NO_RULES);
    await settle();
    expect(peer.last('owner').rules).toMatchObject({ version: 2, origin: 'device' });
    for (const version of [1, 2]) peer.send('wish', { rules: { version, rules: NEVER }, hold: null });
    await settle();
    expect(peer.last('owner').rules).toMatchObject({ version: 2, origin: 'device', rules: { hours: null } });
  });

  test('a device with rules of its own only says so and takes none, but is held', async () => {
    const { agent, peer } = await online({ own_rules_only: true });
    peer.send('wish', { rules: { version: 7, rules: NEVER }, hold: { version: 1, held: true, remaining_ms: null } });
    await settle();
    expect(peer.last('owner')).toMatchObject({
      own_rules_only: true,
      rules: { version: 0 },
      hold: { version: 1, origin: 'heap', held: true },
    });
    expect(agent.status.standing).toMatchObject({ available: false, code: 'held_by_owner' });
    await agent.hold(60_000);
    peer.send('wish', { rules: null, hold: { version: 9, held: false, remaining_ms: null } });
    await settle();
    expect(agent.status.standing.code).toBe('held_by_owner');
  });

  test('a hold from the heap gives back at once, says why and for how long, measures it, and ends by itself', async () => {
    const { host, peer } = await online();
    await host.grant(peer);
    peer.send('tasks', tasksOf(['hang']));
    await settle();
    peer.send('wish', { rules: null, hold: { version: 1, held: true, remaining_ms: 60_000 } });
    await host.clock.advance(1);
    await settle();
    expect(peer.all('yield')).toMatchObject([
      { reason: { code: 'held_by_owner', sentence: expect.stringMatching(/holds it until .* UTC\.$/) } },
    ]);
    expect(peer.last('given')).toMatchObject({ reason: { code: 'held_by_owner' }, leases: 1 });
    expect(peer.last('owner').hold).toMatchObject({ version: 1, origin: 'heap', held: true });
    await host.clock.advance(60_001);
    await settle();
    expect(peer.last('offer')).toMatchObject({ available: true });
  });

  test('a hold outlives the agent, and no longer than was asked for although the clock was set back', async () => {
    const until_ms = Date.parse('2100-01-01');
    const kept: KeptWord = { rules: null, hold: { version: 3, origin: 'heap', held: true, until_ms, for_ms: 5_000 } };
    const { host, agent, peer } = await online({ word: book(kept) });
    expect(peer.last('offer')).toMatchObject({ available: false, reason: { code: 'held_by_owner' } });
    await host.clock.advance(5_001);
    expect(agent.status.standing.available).toBe(false);
    agent.release();
    await settle();
    expect(peer.last('owner').hold).toEqual({ version: 4, origin: 'device', held: false, remaining_ms: null });
  });

  test('rules that allow fewer slots offer fewer, never more than the device allots', async () => {
    const { peer } = await online({ cores: 8 });
    const offered = () => peer.last('offer').slots[0]?.count;
    expect(offered()).toBe(2);
    peer.send('wish', { rules: { version: 1, rules: { ...NO_RULES, slots: 1 } }, hold: null });
    await settle();
    expect(offered()).toBe(1);
    peer.send('wish', { rules: { version: 2, rules: { ...NO_RULES, slots: 64 } }, hold: null });
    await settle();
    expect(offered()).toBe(2);
  });

  test('what was given back while the heap was away is told when it is there', async () => {
    const { host, agent, peer } = await online({ rules: SAFE_RULES });
    await host.grant(peer);
    peer.send('tasks', tasksOf(['hang']));
    await settle();
    peer.drop();
    await agent.hold();
    expect(peer.all('given')).toEqual([]);
    await host.clock.advance(60_000);
    const next = await host.greet();
    expect(next.last('given').ago_ms).toBeGreaterThan(0);
  });

  test('a heap that does not know these words hears none of them', async () => {
    const host = new FakeHost();
    const { agent, peer } = await host.online();
    agent.setRules(NEVER);
    await agent.hold(1_000);
    await settle();
    expect(peer.all('owner')).toEqual([]);
    expect(peer.all('given')).toEqual([]);
  });
});
