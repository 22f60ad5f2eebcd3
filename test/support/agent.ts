import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { SlotClass } from '#units';
import { type AgentOptions, type RunningAgent, startAgent } from '../../apps/agent/src/start-agent.js';
import type { TestBroker, TestPerson } from './broker.js';

export interface TestAgent extends RunningAgent {
  dir: string;
  /** Stops it and removes its folder. */
  close: () => Promise<void>;
}

export interface TestAgentOptions {
  slots?: number;
  slot_class?: SlotClass;
  reserve_price_micro?: bigint;
  /** Another door to the same heap. */
  url?: string;
  /** What it keeps beside working. */
  kept?: AgentOptions['kept'];
  /** Instead of sandboxes that nothing interferes with. */
  openSlot?: AgentOptions['openSlot'];
}

/** A real agent of this owner, with the real sandbox in processes of its own; resolves when its slots are on offer. */
export async function startTestAgent(broker: TestBroker, owner: TestPerson, options: TestAgentOptions = {}): Promise<TestAgent> {
  const { slots = 1, slot_class = 'micro', reserve_price_micro = 50_000n } = options;
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap agent '));
  const { code } = await owner.heap.enrolmentCode();
  const agent = await startAgent({
    dir,
    url: options.url ?? broker.url,
    enrolment_code: code,
    name: 'test agent',
    kind: 'laptop',
    slots,
    slot_class,
    reserve_price_micro,
    ...(options.kept && { kept: options.kept }),
    ...(options.openSlot && { openSlot: options.openSlot }),
    logger: pino({ level: 'silent' }),
    // Measuring takes a second and is tested where it is made.
    speed_fuel_per_ms: 100_000,
  });
  const offers = async () => (await owner.heap.nodes()).some((node) => node.id === agent.node_id && node.slots.some((s) => s.count > 0));
  while (!(await offers())) await sleep(20);
  return {
    ...agent,
    dir,
    close: async () => {
      await agent.stop();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The same device again, after it was stopped, keeping as much as this. */
export const startAgain = (broker: TestBroker, { dir }: TestAgent, kept: AgentOptions['kept']): Promise<RunningAgent> =>
  startAgent({
    ...{ dir, url: broker.url, enrolment_code: null, name: 'test agent', kind: 'laptop', slots: 1, slot_class: 'micro' },
    ...{ reserve_price_micro: 50_000n, logger: pino({ level: 'silent' }), speed_fuel_per_ms: 100_000 },
    ...(kept && { kept }),
  });
