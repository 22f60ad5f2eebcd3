// @own-machine: within a second the device is the user’s again.
import { agentConformance } from '../conformance/agents.js';
import { type KeeperUnderTest, pieceConformance, QUOTA_BYTES } from '../conformance/pieces.js';
import { inChromium } from './support/in-browsers.js';
import { FakePhone } from './support/phone.js';

interface Keeping {
  storage_bytes?: number;
  /** Without files of its own, a page keeps pieces in IndexedDB. */
  own_files?: boolean;
}

async function start(url: string, code: string, { storage_bytes = 0, own_files = true }: Keeping = {}): Promise<KeeperUnderTest> {
  const phone = await FakePhone.start(url);
  if (!own_files) await phone.context.addInitScript('delete FileSystemFileHandle.prototype.createWritable');
  const bounds = { reconnect_base_ms: 200, misfires: 100, disk_spare_bytes: 0 };
  let page = await phone.open(bounds);
  await page.until({ state: 'new' });
  const refused = await page.join(code);
  if (refused !== null) throw new Error(`the phone could not join: ${refused.message}`);
  if (storage_bytes > 0) await page.setRules({ storage_bytes });
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
    damage: (piece_id) => page.damage(piece_id),
    close: () => phone.close(),
  };
}

agentConformance('the browser agent', inChromium, (url, code) => start(url, code));
pieceConformance('the browser agent with files', inChromium, (url, code) => start(url, code, { storage_bytes: QUOTA_BYTES }));
pieceConformance('the browser agent with a database', inChromium, (url, code) =>
  start(url, code, { storage_bytes: QUOTA_BYTES, own_files: false }),
);
