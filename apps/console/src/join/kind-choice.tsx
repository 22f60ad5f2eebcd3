import { useState } from 'react';
import { NODE_KINDS, type NodeKind } from '#units';
import { TEXT } from '../text/en.js';
import { Choice } from '../ui/choice.js';
import ui from '../ui/ui.module.css';

/** What the device is taken for, and the others to choose from. */
export function KindChoice({ kind, onChoose }: { kind: NodeKind; onChoose(kind: NodeKind): void }) {
  const [open, setOpen] = useState(false);
  if (!open)
    return (
      <div className={ui.switch}>
        <span>
          {TEXT.join.kind} {TEXT.kinds[kind]}.
        </span>
        <button type="button" className={ui.link} aria-expanded={false} onClick={() => setOpen(true)}>
          {TEXT.device.change}
        </button>
      </div>
    );
  return (
    <Choice
      label={TEXT.join.kindHelp}
      options={NODE_KINDS.map((value) => ({ value, text: TEXT.kinds[value] }))}
      chosen={kind}
      onChoose={(chosen) => {
        onChoose(chosen);
        setOpen(false);
      }}
    />
  );
}
