import { type AgentUnderTest, agentConformance } from '../conformance/agents.js';
import { inChromium } from './support/in-browsers.js';
import { FakePhone } from './support/phone.js';

async function start(url: string, code: string): Promise<AgentUnderTest> {
  const phone = await FakePhone.start(url);
  const bounds = { reconnect_base_ms: 200, misfires: 100 };
  let page = await phone.open(bounds);
  await page.until({ state: 'new' });
  const refused = await page.join(code);
  if (refused !== null) throw new Error(`the phone could not join: ${refused.message}`);
  return {
    seen: async () => {
      const { node_id, state, reason, work, unconfirmed, connected } = await page.view();
      const standing = state === 'ready' || state === 'working' ? 'ready' : reason.code;
      return {
        node_id: node_id ?? '',
        online: connected,
        standing,
        leases: work.length,
        running: work.some((lease) => lease.running),
        unconfirmed,
      };
    },
    hold: () => page.hold(null),
    release: async () => void (await page.resume()),
    comeBack: async () => {
      await page.crash();
      page = await phone.open(bounds);
    },
    close: () => phone.close(),
  };
}

agentConformance('the browser agent', inChromium, start);
