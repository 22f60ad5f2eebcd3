import { type ReactNode, useId } from 'react';
import css from './ui.module.css';

/** A part of a page with a heading of its own. */
export function Card({ head, children }: { head: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className={css.card} aria-labelledby={id}>
      <h2 id={id}>{head}</h2>
      {children}
    </section>
  );
}
