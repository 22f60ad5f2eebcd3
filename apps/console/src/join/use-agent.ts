import { useCallback, useSyncExternalStore } from 'react';
import type { AgentView, BrowserAgent } from '../agent/contract.js';

/** What the agent does, kept up. */
export function useAgent(agent: BrowserAgent): AgentView {
  const subscribe = useCallback((changed: () => void) => agent.subscribe(changed), [agent]);
  return useSyncExternalStore(subscribe, () => agent.snapshot());
}
