/** One process of a swarm: forked by `Swarm`, told what to do over the channel. */
import { heapVerifier } from '../../../apps/agent/src/device-key.js';
import { Chance } from '../../chaos/chance.js';
import { swarmKey } from './keys.js';
import { LightNode, type SwarmHeap } from './light-node.js';

export interface Setup {
  run: string;
  heap: SwarmHeap;
  slots: number;
  task_ms: number;
  fuel_used: number;
  /** Number in the run and id of each node. */
  nodes: readonly [number, string][];
}

export type Order =
  | { do: 'setup'; setup: Setup }
  /** All at once, or so many handshakes at a time. */
  | { do: 'connect'; at_a_time: number; count: number }
  | { do: 'cut' }
  | { do: 'beat' }
  /** From now on: whoever loses its connection comes back, and this share of the nodes loses it again and again. */
  | { do: 'keep'; flapping: number; away_ms: number; seed: number }
  | { do: 'offer'; at: number; available: boolean }
  | { do: 'leave' };

export interface Report {
  done: Order['do'];
  online: number;
  resumed: number;
  tasks_done: number;
  closed: Record<number, number>;
}

let nodes: LightNode[] = [];
let online = 0;
let resumed = 0;
let under_way = 0;
let wanted: LightNode[] = [];
let at_a_time = Number.POSITIVE_INFINITY;
let settled: () => void = () => {};
/** How long who lost its connection stays away; null leaves it to who asks to connect. */
let awayMs: (() => number) | null = null;
const closed: Record<number, number> = {};

function more(): void {
  while (under_way < at_a_time && wanted.length > 0) {
    under_way += 1;
    wanted.pop()?.connect();
  }
  if (under_way === 0 && wanted.length === 0) settled();
}

const events = {
  online: (_: LightNode, was_resumed: boolean) => {
    online += 1;
    if (was_resumed) resumed += 1;
    if (awayMs) return;
    under_way -= 1;
    more();
  },
  offline: (node: LightNode, code: number) => {
    closed[code] = (closed[code] ?? 0) + 1;
    if (isOnline.delete(node)) online -= 1;
    else if (!awayMs) {
      // Refused or broken while it greeted: it knocks again, after the others.
      under_way -= 1;
      wanted.unshift(node);
      setTimeout(more, 100 + 400 * Math.random());
    }
    if (awayMs) setTimeout(() => node.connect(), awayMs());
  },
};
const isOnline = new Set<LightNode>();

function setup({ run, heap, slots, task_ms, fuel_used, nodes: list }: Setup): void {
  const verify = heapVerifier(heap.heap_public_key);
  const tell = {
    online: (node: LightNode, was_resumed: boolean) => {
      isOnline.add(node);
      events.online(node, was_resumed);
    },
    offline: events.offline,
  };
  nodes = list.map(([i, node_id]) => new LightNode(heap, node_id, swarmKey(run, i), verify, slots, tell, task_ms, fuel_used));
}

/** In a second about each tenth of those that flap. */
const FLAP_EVERY_MS = 1_000;
const FLAP_SHARE = 0.1;

function keep({ flapping, away_ms, seed }: Extract<Order, { do: 'keep' }>): void {
  const chance = new Chance(seed);
  awayMs = () => 50 + chance.below(away_ms);
  const restless = nodes.slice(0, Math.ceil(nodes.length * flapping));
  setInterval(() => {
    for (const node of restless) if (isOnline.has(node) && chance.next() < FLAP_SHARE) node.cut();
  }, FLAP_EVERY_MS);
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case 'setup':
      return setup(order.setup);
    case 'connect':
      at_a_time = order.at_a_time;
      wanted = nodes.filter((node) => !isOnline.has(node)).slice(0, order.count);
      await new Promise<void>((resolve) => {
        settled = resolve;
        more();
      });
      return;
    case 'cut':
      for (const node of isOnline) node.cut();
      while (online > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      return;
    case 'beat':
      // Spread, as heartbeats are.
      for (const [i, node] of nodes.entries()) {
        node.beat();
        if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return;
    case 'keep':
      return keep(order);
    case 'offer':
      nodes[order.at]?.offer(order.available);
      return;
    case 'leave':
      for (const node of nodes) node.leave();
      return;
  }
}

process.on('message', (order: Order) => {
  void obey(order).then(() => {
    const tasks_done = nodes.reduce((sum, node) => sum + node.tasks_done, 0);
    process.send?.({ done: order.do, online, resumed, tasks_done, closed } satisfies Report);
  });
});
process.on('disconnect', () => process.exit(0));
