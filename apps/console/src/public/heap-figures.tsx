import type { AnswerOf } from '../http/use-heap.js';
import { PUBLIC } from '../text/public.en.js';
import { number } from '../ui/format.js';
import { Money } from '../ui-kit/money.js';
import css from './public.module.css';

export type Figures = AnswerOf<'/v1/heap/figures', 'get'>;

/** What the heap is at this moment, in three figures. Their places are kept while they are on their way. */
export function HeapFigures({ figures }: { figures: Figures | undefined }) {
  const places = [
    { label: PUBLIC.figures.nodes, value: figures && number(figures.nodes_online) },
    { label: PUBLIC.figures.tasks, value: figures && number(figures.tasks_settled_day) },
    {
      label: PUBLIC.figures.paid,
      value: figures && <Money micro={figures.paid_to_owners_30_days_micro} currency={figures.currency} />,
    },
  ];
  return (
    <section aria-label={PUBLIC.figures.title} data-loading={figures === undefined || undefined}>
      <dl className={css.figures}>
        {places.map(({ label, value }) => (
          <div key={label} className={css.figure}>
            <dt>{label}</dt>
            <dd>{value ?? '–'}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
