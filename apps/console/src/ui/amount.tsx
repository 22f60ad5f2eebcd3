import css from './amount.module.css';
import { moneyParts } from './format.js';
import ui from './ui.module.css';

/** An amount of money; fractions of a cent are drawn small. */
export function Amount({ micro, currency }: { micro: bigint; currency: string }) {
  const { before, tail, after, whole } = moneyParts(micro, currency);
  return (
    <span className={css.amount}>
      <span className={ui.hidden}>{whole}</span>
      <span aria-hidden="true">
        {before}
        <span className={css.tail}>{tail}</span>
        {after}
      </span>
    </span>
  );
}
