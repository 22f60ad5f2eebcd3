import { TEXT } from '../text/en.js';
import ui from '../ui/ui.module.css';
import css from './join.module.css';

/** A state that has nothing but a sentence, and at most one thing to do. */
export function Message({ head, sentence, reload = false }: { head: string; sentence: string; reload?: boolean }) {
  return (
    <section className={css.message} role="status">
      <h1>{head}</h1>
      <p className={ui.soft}>{sentence}</p>
      {reload && (
        <button type="button" className={ui.button} onClick={() => location.reload()}>
          {TEXT.problem.reload}
        </button>
      )}
    </section>
  );
}
