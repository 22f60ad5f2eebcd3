import { useEffect, useId, useRef } from 'react';
import css from './confirm.module.css';
import ui from './ui.module.css';

interface Props {
  head: string;
  sentence: string;
  confirm: string;
  cancel: string;
  onConfirm(): void;
  /** Also when it is left by Escape or a way back. */
  onCancel(): void;
}

/** Asks before something that cannot be taken back; what changes nothing has the focus. */
export function Confirm({ head, sentence, confirm, cancel, onConfirm, onCancel }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className={css.dialog} aria-labelledby={`${id}-head`} aria-describedby={`${id}-text`} onClose={onCancel}>
      <h2 id={`${id}-head`}>{head}</h2>
      <p id={`${id}-text`}>{sentence}</p>
      <div className={ui.row}>
        <button type="button" className={ui.button} onClick={onCancel}>
          {cancel}
        </button>
        <button type="button" className={ui.danger} onClick={onConfirm}>
          {confirm}
        </button>
      </div>
    </dialog>
  );
}
