import { type AgentView, SAFE_BROWSER_RULES } from '../../agent/contract.js';

const NODE: AgentView = {
  state: 'ready',
  connected: true,
  reason: { code: 'no_work', sentence: 'Everything is ready. No work that fits this device is on the market right now.' },
  work: [],
  node_id: '01939c5e-0000-7000-8000-000000000001',
  name: "Ada's phone",
  kind: 'phone',
  kind_by_owner: false,
  slots: 2,
  speed_fuel_per_ms: 9_412_345,
  speed_from: 'work',
  earned_micro: 1_834_512n,
  earned_today_micro: 20_412n,
  currency: 'USD',
  tasks_done: 128,
  fuel_used: 4_200_000_000n,
  unconfirmed: 0,
  give_back_ms: 42,
  give_backs: { count: 3, p50_ms: 42, p99_ms: 80 },
  data_bytes: 812_400,
  battery_used: null,
  battery: 0.93,
  charging: true,
  stored: { pieces: 0, bytes: 0, quota_bytes: 0, damaged: 0, moved_today_bytes: 0, paused: null },
  storage_room_bytes: 12_000_000_000,
  rules: SAFE_BROWSER_RULES,
  ruled: [
    { rule: 'charging', verdict: 'allows', sentence: 'The device charges.' },
    { rule: 'battery', verdict: 'allows', sentence: 'The battery is at 93 %, and works from 80 % on.' },
    { rule: 'unmetered', verdict: 'unknown', sentence: 'The browser does not tell whether the network costs by the byte.' },
    { rule: 'background', verdict: 'allows', sentence: 'The page is in front.' },
  ],
  ruled_by: null,
  held_until_ms: null,
  held: false,
  screen_kept_on: false,
  quiet: true,
  agent_version: '0.1.0',
  meter_id: 'fuel-1',
};

const NEWCOMER: AgentView = {
  ...NODE,
  state: 'new',
  reason: { code: 'not_enrolled', sentence: 'This device is not a node yet.' },
  node_id: null,
  name: null,
  slots: 0,
  speed_fuel_per_ms: null,
  speed_from: null,
  earned_micro: null,
  earned_today_micro: null,
  currency: null,
  tasks_done: 0,
  give_back_ms: null,
  data_bytes: 0,
  stored: null,
  ruled: [],
};

const WORKING: AgentView = {
  ...NODE,
  stored: { pieces: 1_204, bytes: 2_019_000_000, quota_bytes: 5_000_000_000, damaged: 0, moved_today_bytes: 84_000_000, paused: null },
  rules: { ...SAFE_BROWSER_RULES, storage_bytes: 5_000_000_000 },
  state: 'working',
  reason: { code: 'working', sentence: 'One slot computes for a developer.' },
  work: [
    {
      lease_id: '01939c5e-0000-7000-8000-000000000003',
      slot_class: 'micro',
      workload_class: 'science',
      may: ['Computes from its input alone and sees no files.', 'May use up to 128 MiB of memory.'],
      running: true,
      tasks_done: 61,
      tasks_waiting: 34,
      fuel_used: 1_200_000_000n,
      task_ms: 120,
    },
  ],
  quiet: false,
};

const HELD: AgentView = {
  ...NODE,
  state: 'paused',
  reason: { code: 'held', sentence: 'You hold it: nothing of the heap runs on this device.' },
  held: true,
  held_until_ms: null,
};

/** The agent in each of the states that a page can meet. */
export const SCENES = {
  starting: { ...NEWCOMER, state: 'starting' },
  new: NEWCOMER,
  joining: { ...NEWCOMER, state: 'joining' },
  elsewhere: { ...NODE, state: 'elsewhere' },
  offline: {
    ...NODE,
    state: 'offline',
    reason: { code: 'offline', sentence: 'The heap cannot be reached. Finished results are kept and delivered later.' },
    unconfirmed: 3,
  },
  ready: NODE,
  working: WORKING,
  paused: {
    ...NODE,
    state: 'paused',
    reason: { code: 'not_charging', sentence: 'The device is not charging: it works only while it does, as your rules say.' },
    charging: false,
    ruled: [{ rule: 'charging', verdict: 'forbids', sentence: 'The device is not charging.' }, ...NODE.ruled.slice(1)],
  },
  held: HELD,
  leaving: { ...NODE, state: 'leaving', quiet: false },
  stopped: { ...NODE, state: 'stopped' },
  revoked: {
    ...NEWCOMER,
    state: 'revoked',
    reason: { code: 'revoked', sentence: 'The owner has taken this device out of the heap; a new code makes it a node again.' },
  },
  failed: {
    ...NEWCOMER,
    state: 'failed',
    reason: { code: 'browser_lacks', sentence: 'This browser did not let the sandbox start: its policy forbids frames of their own.' },
  },
  console: { ...WORKING, kind: 'console', name: 'Console in the living room' },
} satisfies Record<string, AgentView>;

export type Scene = keyof typeof SCENES;
