import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { type RunningAgent, startAgent } from '../../apps/agent/src/start-agent.js';
import { type AgentUnderTest, agentConformance } from './agents.js';

async function start(url: string, enrolment_code: string): Promise<AgentUnderTest> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'heap agent '));
  const begin = (): Promise<RunningAgent> =>
    startAgent({
      dir,
      url,
      enrolment_code,
      name: 'conformance',
      kind: 'laptop',
      slots: 1,
      slot_class: 'micro',
      reserve_price_micro: 50n,
      logger: pino({ level: 'silent' }),
      speed_fuel_per_ms: 100_000,
      bounds: { reconnect_base_ms: 200, misfires: 100 },
    });
  let agent = await begin();
  return {
    seen: async () => {
      const { session, standing, work, unconfirmed } = agent.status();
      return {
        node_id: agent.node_id,
        online: session.state === 'online',
        standing: standing.code,
        leases: work.length,
        running: work.some((lease) => lease.running),
        unconfirmed,
      };
    },
    hold: () => agent.hold(),
    release: async () => agent.release(),
    // As near to a kill as one process comes; test/chaos kills real ones.
    comeBack: async () => {
      await agent.stop(0);
      agent = await begin();
    },
    close: async () => {
      await agent.stop(0);
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

agentConformance('the Node.js agent', describe, start);
