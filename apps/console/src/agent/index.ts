import './without-eval.js';
import { type AgentSurroundings, HeapBrowserAgent } from './browser-agent.js';
import type { BrowserAgent } from './contract.js';
import { CALM } from './device/rules.js';
import { browserClock, consoleLog } from './platform.js';

export * from './contract.js';
export { missingFeature } from './device/features.js';

export interface BrowserAgentOptions extends Pick<AgentSurroundings, 'assets'>, Partial<Omit<AgentSurroundings, 'assets'>> {}

/**
 * The agent of this browser, in this page: looks at once what an earlier visit left and goes on with it. One per page. Nothing of it needs a
 * framework, and its document must have a body: the sandbox's hidden frames go there.
 */
export function createBrowserAgent(options: BrowserAgentOptions): BrowserAgent {
  return new HeapBrowserAgent({
    origin: location.origin,
    page: window,
    storage: 'openheaps-agent',
    clock: browserClock,
    log: consoleLog,
    bounds: {},
    calm: CALM,
    ...options,
  });
}
