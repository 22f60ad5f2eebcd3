import { useState } from 'react';
import type { AgentView, BrowserAgent } from '../agent/contract.js';
import { TEXT } from '../text/en.js';
import { Choice } from '../ui/choice.js';
import { countdown, duration } from '../ui/format.js';
import ui from '../ui/ui.module.css';
import { useNow } from '../ui/use-now.js';

const HOUR_MS = 3_600_000;
const CHOICES: { value: number | null; text: string }[] = [
  ...Object.entries(TEXT.hold.for).map(([ms, text]) => ({ value: Number(ms), text })),
  { value: null, text: TEXT.hold.untilResume },
];

/** Gives the device back for a time, and takes that back. */
export function Hold({ agent, view }: { agent: BrowserAgent; view: AgentView }) {
  const [for_ms, setFor] = useState<number | null>(HOUR_MS);
  const [took_ms, setTook] = useState<number | null>(null);
  const now_ms = useNow(1_000, view.held && view.held_until_ms !== null);
  if (view.held)
    return (
      <section className={ui.card} aria-label={TEXT.states.held}>
        <button
          type="button"
          className={ui.primary}
          onClick={() => {
            setTook(null);
            agent.resume();
          }}
        >
          {TEXT.hold.resume}
        </button>
        <p className={ui.small}>
          {view.held_until_ms === null ? TEXT.hold.open : TEXT.hold.left(countdown(view.held_until_ms - now_ms))}{' '}
          {took_ms !== null && <span role="status">{TEXT.hold.given(duration(took_ms))}</span>}
        </p>
      </section>
    );
  return (
    <section className={ui.card} aria-label={TEXT.hold.head}>
      <button type="button" className={ui.strong} onClick={() => void agent.hold(for_ms).then(setTook)}>
        {TEXT.hold.button}
      </button>
      <p className={ui.small}>{view.give_back_ms === null ? TEXT.hold.sentence : TEXT.hold.last(duration(view.give_back_ms))}</p>
      <Choice label={TEXT.hold.forLabel} options={CHOICES} chosen={for_ms} onChoose={(ms) => setFor(ms)} />
    </section>
  );
}
