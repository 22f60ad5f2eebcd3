import engine_url from '../../../../dist/browser/quickjs.wasm?url';
import worker_url from '../../../../dist/browser/sandbox-worker.js?url';
import { createBrowserAgent } from '../agent/index.js';
import { watchUpdates } from '../pwa/watch-updates.js';
import { start } from './start.js';

/** The page as its visitors get it: with the real agent, and kept for offline use. */
export function run(): void {
  start(createBrowserAgent({ assets: { worker_url, engine_url } }), watchUpdates());
}
