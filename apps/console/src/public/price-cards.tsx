import { Link } from '@tanstack/react-router';
import { PUBLIC } from '../text/public.en.js';
import { Money } from '../ui-kit/money.js';
import type { Figures } from './heap-figures.js';
import { marketWords } from './market-name.js';
import { PriceLine } from './price-line.js';
import css from './public.module.css';

const CARDS_MAX = 4;

/** The markets that traded last, each with its price and the week before it. */
export function PriceCards({ figures }: { figures: Figures | undefined }) {
  const traded = (figures?.markets ?? [])
    .filter(({ traded_at }) => traded_at !== null)
    .sort((a, b) => Date.parse(b.traded_at ?? '') - Date.parse(a.traded_at ?? ''))
    .slice(0, CARDS_MAX);
  return (
    <section>
      <div className={css.heading}>
        <h2>{PUBLIC.prices.title}</h2>
        <Link to="/prices">{PUBLIC.prices.all}</Link>
      </div>
      {figures && traded.length === 0 && <p className={css.quiet}>{PUBLIC.prices.none}</p>}
      <ul className={css.cards}>
        {figures &&
          traded.map(({ market, price_micro, week }) => {
            const { name, unit } = marketWords(market);
            return (
              <li key={market} className={css.card}>
                <span>{name}</span>
                <strong>
                  <Money micro={price_micro ?? '0'} currency={figures.currency} />
                </strong>
                <span className={css.quiet}>{unit}</span>
                <PriceLine week={week} name={name} until={figures.at} />
              </li>
            );
          })}
      </ul>
    </section>
  );
}
