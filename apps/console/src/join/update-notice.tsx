import { useEffect, useSyncExternalStore } from 'react';
import type { AgentView, BrowserAgent } from '../agent/contract.js';
import type { Updates } from '../pwa/updates.js';
import { TEXT } from '../text/en.js';
import ui from '../ui/ui.module.css';

/** A new version starts by itself when nothing is under way, or when it is told to; the page says so before and after. */
export function UpdateNotice({ agent, view, updates }: { agent: BrowserAgent; view: AgentView; updates: Updates }) {
  const state = useSyncExternalStore(updates.subscribe, updates.snapshot);
  const idle = view.quiet && view.state !== 'joining';
  useEffect(() => {
    if (state === 'waiting' && idle) updates.apply();
  }, [state, idle, updates]);
  if (state === 'none') return null;
  if (state === 'done')
    return (
      <p className={ui.small} role="status">
        {TEXT.update.done}
      </p>
    );
  return (
    <div className={ui.notice} role="status">
      <p>{TEXT.update.waiting}</p>
      <button type="button" className={ui.link} onClick={() => void agent.stop().then(updates.apply)}>
        {TEXT.update.now}
      </button>
    </div>
  );
}
