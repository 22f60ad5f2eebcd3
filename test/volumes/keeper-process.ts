/** Real agents with real disks, several in one process: forked by `Keepers`, which may kill it at any moment. */
import path from 'node:path';
import { pino } from 'pino';
import { NOTHING_READ } from '#agent-core';
import { startAgent } from '../../apps/agent/src/start-agent.js';

export interface KeepOrder {
  url: string;
  /** A folder of each agent, and the code that enrols it; null for one that is a node already. */
  agents: readonly { dir: string; code: string | null }[];
  storage_class: 'standard' | 'cold';
  bytes: number;
}
export interface KeepAnswer {
  node_ids: string[];
}

async function keep({ url, agents, storage_class, bytes }: KeepOrder): Promise<KeepAnswer> {
  const node_ids: string[] = [];
  for (const { dir, code } of agents) {
    const agent = await startAgent({
      ...{ dir, url, enrolment_code: code, name: path.basename(dir), kind: 'board' },
      ...{ slots: 1, slot_class: 'nano', reserve_price_micro: null },
      kept: { standing: [], storage: [{ storage_class, bytes, reserve_price_micro: 1n }] },
      logger: pino({ level: 'silent' }),
      speed_fuel_per_ms: 1_000,
      // What the machine feels is no matter of storage, and costs much to ask for sixty devices.
      sensors: { every_ms: 60_000, read: async () => NOTHING_READ },
      openSlot: () => Promise.reject(new Error('this device only keeps pieces')),
    });
    node_ids.push(agent.node_id);
  }
  return { node_ids };
}

process.on('message', (order: KeepOrder) => {
  keep(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
