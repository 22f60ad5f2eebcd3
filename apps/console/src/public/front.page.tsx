import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useHeap } from '../http/use-heap.js';
import { useMe } from '../http/use-me.js';
import { PUBLIC } from '../text/public.en.js';
import { SHELL } from '../text/shell.en.js';
import { Problem } from '../ui-kit/problem.js';
import { HeapFigures } from './heap-figures.js';
import { PriceCards } from './price-cards.js';
import css from './public.module.css';

/** What an open heap is, for whoever has a device and for whoever has something to compute; and how this one is doing. */
export function FrontPage() {
  const { data: heap } = useHeap('/v1/heap', {});
  const { data: figures, error, refetch } = useHeap('/v1/heap/figures', {}, { topics: ['heap'] });
  const { data: me } = useMe();
  const { owner, developer } = PUBLIC;
  const name = heap?.name ?? PUBLIC.title;
  useEffect(() => {
    document.title = name === PUBLIC.title ? SHELL.brand : `${name} · ${SHELL.brand}`;
  }, [name]);
  return (
    <div className={css.page}>
      <header>
        <h1 className={css.title}>{name}</h1>
        <p className={css.sentence}>{PUBLIC.sentence}</p>
      </header>
      <div className={css.sides}>
        <section className={css.side}>
          <h2>{owner.title}</h2>
          <p>{owner.sentence}</p>
          <ul>
            {owner.points.map((point) => (
              <li key={point}>{point}</li>
            ))}
          </ul>
          <div className={css.deeds}>
            <Button component="a" href="/join" size="lg">
              {owner.join}
            </Button>
            <a href="/docs/guides/join">{owner.more}</a>
          </div>
        </section>
        <section className={css.side}>
          <h2>{developer.title}</h2>
          <p>{developer.sentence}</p>
          <section className={css.code} aria-label={developer.code_label}>
            <pre>
              <code>{developer.code.join('\n')}</code>
            </pre>
          </section>
          <div className={css.deeds}>
            <Button component={Link} to={me ? '/developer' : '/sign-up'} size="lg" variant="default">
              {developer.run}
            </Button>
            <a href="/docs/sdk">{developer.more}</a>
          </div>
        </section>
      </div>
      <HeapFigures figures={figures} />
      {error && <Problem error={error} retry={() => void refetch()} />}
      <PriceCards figures={figures} />
      <footer className={css.footer}>
        <a href="/docs">{PUBLIC.links.docs}</a>
        <a href="/openapi.json">{PUBLIC.links.api}</a>
        <a href="/readyz">{PUBLIC.links.health}</a>
        {heap?.simulated_payments && <span>{PUBLIC.simulated}</span>}
      </footer>
    </div>
  );
}
