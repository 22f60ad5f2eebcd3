import { useState } from 'react';
import type { AgentView, BrowserAgent } from '../agent/contract.js';
import { sentenceOf } from '../http/api.js';
import { TEXT } from '../text/en.js';
import { Card } from '../ui/card.js';
import { Choice } from '../ui/choice.js';
import { bytes } from '../ui/format.js';
import ui from '../ui/ui.module.css';

const GB = 1_000_000_000;
const CHOICES = [0, 1, 2, 5, 10, 20, 50, 100];

/** How much of the browser's storage the heap may use, and what it uses. */
export function Storage({ agent, view }: { agent: BrowserAgent; view: AgentView }) {
  const [problem, setProblem] = useState<string | null>(null);
  // A choice stays where it was put while the agent starts anew.
  const [wanted, setWanted] = useState<number | null>(null);
  const { stored, storage_room_bytes } = view;
  if (storage_room_bytes === null) return null;
  const chosen = wanted ?? view.rules.storage_bytes;
  const most = Math.floor(storage_room_bytes / GB);
  const options = [...new Set([...CHOICES.filter((gb) => gb <= most), chosen / GB])].sort((a, b) => a - b);
  const choose = (storage_bytes: number) => {
    setWanted(storage_bytes);
    setProblem(null);
    void agent
      .setRules({ storage_bytes })
      .catch((error: unknown) => setProblem(sentenceOf(error)))
      .finally(() => setWanted(null));
  };
  return (
    <Card head={TEXT.storage.head}>
      <p className={ui.small}>{TEXT.storage.what}</p>
      <Choice
        label={TEXT.storage.label(bytes(storage_room_bytes))}
        options={options.map((gb) => ({ value: gb * GB, text: gb === 0 ? TEXT.storage.none : bytes(gb * GB) }))}
        chosen={chosen}
        onChoose={choose}
      />
      {problem !== null && (
        <p className={ui.error} role="alert">
          {problem}
        </p>
      )}
      {stored !== null && (stored.pieces > 0 || stored.quota_bytes > 0) && (
        <>
          <p>{TEXT.storage.keeps(bytes(stored.bytes), bytes(stored.quota_bytes), stored.pieces)}</p>
          <p className={ui.small}>{TEXT.storage.moved(bytes(stored.moved_today_bytes))}</p>
          {stored.bytes > stored.quota_bytes && <p className={ui.small}>{TEXT.storage.leaving}</p>}
          {stored.damaged > 0 && <p className={ui.small}>{TEXT.storage.damaged(stored.damaged)}</p>}
          {stored.paused !== null && <p className={ui.small}>{TEXT.storage.paused(stored.paused)}</p>}
        </>
      )}
    </Card>
  );
}
