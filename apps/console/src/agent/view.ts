import type { PiecesStatus, Readings } from '#agent-core';
import { METER_ID } from '#sandbox';
import type { NodeKind } from '#units';
import type { AgentReason, AgentState, AgentView, BrowserRules, CurrentWork, StoredView } from './contract.js';
import type { RunningNode } from './node/running-node.js';
import type { UsageMeter } from './node/usage.js';
import { AGENT_VERSION } from './version.js';

/** What is true of the page whether or not it is a node. */
export interface Surface {
  state: AgentState;
  reason: AgentReason;
  kind: NodeKind;
  kind_by_owner: boolean;
  rules: BrowserRules;
  usage: UsageMeter | null;
  battery: number | null;
  charging: boolean | null;
  storage_room_bytes: number | null;
}

const WORKING: AgentReason = { code: 'working', sentence: 'This device works for the heap.' };
const READY: AgentReason = { code: 'ready', sentence: 'This device is free; work comes when somebody needs it.' };

/** Of a node that runs: what keeps it from working comes before what keeps it from being heard. */
function standing({ agent }: RunningNode): { state: AgentState; reason: AgentReason } {
  const { session, standing, work } = agent.status;
  if (!standing.available) return { state: 'paused', reason: { code: standing.code, sentence: standing.sentence } };
  if (session.state !== 'online') return { state: 'offline', reason: { code: session.code, sentence: session.sentence } };
  return work.length > 0 ? { state: 'working', reason: WORKING } : { state: 'ready', reason: READY };
}

function workOf({ agent, books }: RunningNode): CurrentWork[] {
  return agent.status.work.map((lease) => ({
    lease_id: lease.lease_id,
    slot_class: lease.slot_class,
    workload_class: books.workload.get(lease.lease_id) ?? null,
    may: lease.may,
    running: lease.running,
    tasks_done: lease.tasks_done,
    tasks_waiting: lease.tasks_waiting,
    fuel_used: lease.fuel_used,
    task_ms: lease.task_ms,
  }));
}

const storedOf = (pieces: PiecesStatus | null): StoredView | null =>
  pieces === null || pieces.broken !== null
    ? null
    : {
        pieces: pieces.held,
        bytes: pieces.bytes,
        quota_bytes: pieces.quota_bytes,
        damaged: pieces.damaged,
        moved_today_bytes: pieces.moved_today_bytes,
        paused: pieces.paused?.sentence ?? null,
      };

export function viewOf(surface: Surface, node: RunningNode | null): AgentView {
  const { usage, ...page } = surface;
  const base = {
    ...page,
    data_bytes: usage?.data_bytes ?? 0,
    battery_used: usage?.battery_used ?? null,
    agent_version: AGENT_VERSION,
    meter_id: METER_ID,
  };
  if (node === null) return { ...base, ...NO_NODE };
  const { status } = node.agent;
  const { readings, verdict } = status.owner;
  const { earned } = node.books;
  return {
    ...base,
    ...(surface.state === 'ready' ? standing(node) : {}),
    ...power(readings),
    connected: status.session.state === 'online',
    work: workOf(node),
    node_id: node.membership.node_id,
    name: node.membership.name,
    slots: node.capacity.reduce((sum, { count }) => sum + count, 0),
    speed_fuel_per_ms: status.speed_fuel_per_ms,
    speed_from: status.speed_fuel_per_ms === node.membership.speed_fuel_per_ms ? 'benchmark' : 'work',
    earned_micro: earned?.earned_micro ?? null,
    earned_today_micro: earned?.today_micro ?? null,
    currency: earned?.currency ?? null,
    tasks_done: status.tasks_done,
    fuel_used: status.fuel_used,
    unconfirmed: status.unconfirmed,
    give_back_ms: status.give_backs?.last_ms ?? null,
    give_backs: status.give_backs && {
      count: status.give_backs.count,
      p50_ms: status.give_backs.p50_ms,
      p99_ms: status.give_backs.p99_ms,
    },
    stored: storedOf(status.pieces),
    ruled: verdict.rules.map(({ rule, verdict: says, sentence }) => ({ rule, verdict: says, sentence })),
    ruled_by: status.ruled && { origin: status.ruled.origin, since_ms: status.ruled.since_ms },
    held: status.standing.code === 'held_by_owner',
    held_until_ms: status.standing.code === 'held_by_owner' ? status.held_until_ms : null,
    screen_kept_on: node.wake_lock.on,
    quiet: status.work.length === 0 && status.unconfirmed === 0,
  };
}

const power = ({ battery, charging }: Readings) => ({ battery, charging });

const NO_NODE = {
  connected: false,
  work: [],
  node_id: null,
  name: null,
  slots: 0,
  speed_fuel_per_ms: null,
  speed_from: null,
  earned_micro: null,
  earned_today_micro: null,
  currency: null,
  tasks_done: 0,
  fuel_used: 0n,
  unconfirmed: 0,
  give_back_ms: null,
  give_backs: null,
  stored: null,
  ruled: [],
  ruled_by: null,
  held: false,
  held_until_ms: null,
  screen_kept_on: false,
  quiet: true,
} as const satisfies Partial<AgentView>;

/** Whether two views would be drawn alike. */
export function sameView(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => sameView((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]))
  );
}
