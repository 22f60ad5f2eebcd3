import { useState } from 'react';
import { TEXT } from '../text/en.js';
import { Confirm } from '../ui/confirm.js';
import ui from '../ui/ui.module.css';

/** The one way out, asked twice. */
export function Leave({ onLeave }: { onLeave(): void }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <button type="button" className={ui.danger} onClick={() => setAsking(true)}>
        {TEXT.leave.button}
      </button>
      {asking && (
        <Confirm
          head={TEXT.leave.head}
          sentence={TEXT.leave.sentence}
          confirm={TEXT.leave.confirm}
          cancel={TEXT.leave.cancel}
          onConfirm={() => {
            setAsking(false);
            onLeave();
          }}
          onCancel={() => setAsking(false)}
        />
      )}
    </>
  );
}
