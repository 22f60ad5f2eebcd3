import { Button } from '@mantine/core';
import { useHeap } from '../http/use-heap.js';
import { PUBLIC } from '../text/public.en.js';
import { number } from '../ui/format.js';
import { Empty } from '../ui-kit/empty.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Money } from '../ui-kit/money.js';
import { Page } from '../ui-kit/page.js';
import { When } from '../ui-kit/when.js';
import type { Figures } from './heap-figures.js';
import { marketWords } from './market-name.js';
import { PriceLine } from './price-line.js';
import css from './public.module.css';

const TEXT = PUBLIC.prices;

/** Every market: what it costs, how that moved in a week, and what is free and wanted now. */
export function PricesPage() {
  const figures = useHeap('/v1/heap/figures', {}, { topics: ['heap', 'markets'] });
  const { data: now } = useHeap('/v1/markets', {}, { topics: ['markets'] });
  const depth = new Map(now?.markets.map((market) => [market.market, market]));
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={figures}>
        {(data) =>
          data.markets.length === 0 ? (
            <Empty title={TEXT.empty.title} sentence={TEXT.empty.sentence}>
              <Button component="a" href="/join">
                {TEXT.empty.join}
              </Button>
            </Empty>
          ) : (
            <ul className={css.markets}>
              {data.markets.map((market) => (
                <Market
                  key={market.market}
                  market={market}
                  figures={data}
                  free={depth.get(market.market)?.slots_free}
                  wanted={depth.get(market.market)?.slots_wanted}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <section className={css.how}>
        <h2>{TEXT.how.title}</h2>
        <p>{TEXT.how.work}</p>
        <p>{TEXT.how.slots}</p>
        <a href="/docs/guides/market">{TEXT.how.more}</a>
      </section>
    </Page>
  );
}

interface Props {
  market: Figures['markets'][number];
  figures: Figures;
  free: number | undefined;
  wanted: number | undefined;
}

function Market({ market: { market, price_micro, traded_at, week }, figures, free, wanted }: Props) {
  const { name, unit } = marketWords(market);
  return (
    <li className={css.market}>
      <div>
        <h3>{name}</h3>
        <span className={css.quiet}>{traded_at === null ? TEXT.none : <When at={traded_at} />}</span>
      </div>
      <div>
        {price_micro === null ? (
          <span className={css.quiet}>–</span>
        ) : (
          <strong>
            <Money micro={price_micro} currency={figures.currency} />
          </strong>
        )}
        <span className={css.quiet}>{unit}</span>
      </div>
      <div>{traded_at !== null && <PriceLine week={week} name={name} until={figures.at} />}</div>
      <dl>
        <dt>{TEXT.free}</dt>
        <dd>{free === undefined ? '–' : number(free)}</dd>
        <dt>{TEXT.wanted}</dt>
        <dd>{wanted === undefined ? '–' : number(wanted)}</dd>
      </dl>
    </li>
  );
}
