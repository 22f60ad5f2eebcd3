import { useState } from 'react';
import type { AgentView, BrowserAgent, BrowserRules } from '../agent/contract.js';
import { sentenceOf } from '../http/api.js';
import { TEXT } from '../text/en.js';
import { Card } from '../ui/card.js';
import { percent } from '../ui/format.js';
import { Switch } from '../ui/switch.js';
import ui from '../ui/ui.module.css';
import css from './join.module.css';

/** The rules that count on this device, and what each says now. */
export function Rules({ agent, view }: { agent: BrowserAgent; view: AgentView }) {
  const { ruled } = view;
  // A switch stays where it was put while the agent writes that down.
  const [wanted, setWanted] = useState<Partial<BrowserRules>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const rules = { ...view.rules, ...wanted };
  const set = (change: Partial<BrowserRules>) => {
    setWanted((before) => ({ ...before, ...change }));
    setProblem(null);
    void agent
      .setRules(change)
      .catch((error: unknown) => setProblem(sentenceOf(error)))
      .finally(() => setWanted({}));
  };
  return (
    <Card head={TEXT.rules.head}>
      {view.ruled_by?.origin === 'heap' && <p>{TEXT.rules.byHeap(new Date(view.ruled_by.since_ms).toLocaleString())}</p>}
      <Switch
        label={TEXT.rules.charging}
        help={rules.battery_min === null ? undefined : TEXT.rules.batteryMin(percent(rules.battery_min))}
        checked={rules.charging}
        onChange={(charging) => set({ charging })}
      />
      <Switch label={TEXT.rules.unmetered} checked={rules.unmetered} onChange={(unmetered) => set({ unmetered })} />
      <Switch label={TEXT.rules.background} checked={rules.background} onChange={(background) => set({ background })} />
      <Switch label={TEXT.rules.trust} checked={rules.trust_unknown} onChange={(trust_unknown) => set({ trust_unknown })} />
      <Switch
        label={TEXT.join.wakeLock}
        help={TEXT.join.wakeLockHelp}
        checked={rules.wake_lock}
        onChange={(wake_lock) => set({ wake_lock })}
      />
      {problem !== null && (
        <p className={ui.error} role="alert">
          {problem}
        </p>
      )}
      {ruled.length > 0 && (
        <details className={css.details}>
          <summary>{TEXT.rules.why}</summary>
          <ul className={css.ruled}>
            {ruled.map(({ rule, verdict, sentence }) => (
              <li key={rule} data-verdict={verdict}>
                {sentence}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  );
}
