import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { type RunningAgent, startAgent } from '../../apps/agent/src/start-agent.js';
import { agentConformance } from './agents.js';
import { type KeeperUnderTest, pieceConformance, QUOTA_BYTES } from './pieces.js';

async function start(url: string, enrolment_code: string, stored_bytes = 0): Promise<KeeperUnderTest> {
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
      ...(stored_bytes > 0 && {
        kept: { standing: [], storage: [{ storage_class: 'standard' as const, bytes: stored_bytes, reserve_price_micro: null }] },
      }),
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
    damage: async (piece_id) => {
      const file = path.join(dir, 'pieces', piece_id.slice(-2), `${piece_id}.piece`);
      const bytes = fs.readFileSync(file);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      fs.writeFileSync(file, bytes);
    },
    close: async () => {
      await agent.stop(0);
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

agentConformance('the Node.js agent', describe, (url, code) => start(url, code));
pieceConformance('the Node.js agent', describe, (url, code) => start(url, code, QUOTA_BYTES));
