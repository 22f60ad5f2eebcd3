import type { AgentView } from '../agent/contract.js';
import { TEXT } from '../text/en.js';
import { Amount } from '../ui/amount.js';
import { Ring } from '../ui/ring.js';
import ui from '../ui/ui.module.css';
import css from './join.module.css';
import { standing } from './standing.js';

/** The page at a glance: how it stands, why, and what today brought. */
export function Hero({ view }: { view: AgentView }) {
  const { word, tone, share } = standing(view);
  const { earned_today_micro, currency } = view;
  return (
    <section className={css.hero}>
      <Ring tone={tone} share={share}>
        <h1 className={css.state} data-tone={tone} aria-live="polite">
          {word}
        </h1>
        {earned_today_micro !== null && currency !== null ? (
          <>
            <p className={css.today}>
              <Amount micro={earned_today_micro} currency={currency} />
            </p>
            <p className={ui.small}>{TEXT.earned.today}</p>
          </>
        ) : (
          <p className={ui.small}>{TEXT.earned.unknown}</p>
        )}
      </Ring>
      <p className={css.reason} data-code={view.reason.code} aria-live="polite">
        {view.reason.sentence}
      </p>
    </section>
  );
}
