import type { CSSProperties } from 'react';
import css from './drawn.module.css';

export interface Bar {
  name: string;
  /** What is said of it at its end. */
  value: string;
  /** One after the other or wherever they are, in the units of all bars of the drawing. */
  parts: readonly { key: string; from: number; size: number; colour: string; title: string; faint?: boolean }[];
}

interface Props {
  /** What is drawn, in a sentence. */
  label: string;
  bars: readonly Bar[];
  /** Of the colours, where they say something. */
  legend?: readonly { name: string; colour: string; faint?: boolean }[];
}

const painted = (colour: string, faint = false) => ({ '--part': colour, '--faint': faint ? 0.4 : 1 }) as CSSProperties;

/** Bars that lie, each with its name and its figure: drawn by the page itself, since every page that has them would load a library for them. */
export function BarRows({ label, bars, legend = [] }: Props) {
  const parts = bars.flatMap((bar) => bar.parts);
  const least = Math.min(0, ...parts.map(({ from }) => from));
  const most = Math.max(0, ...parts.map(({ from, size }) => from + size));
  const share = (size: number) => `${(100 * size) / (most - least || 1)}%`;
  return (
    <div role="img" aria-label={label} className={css.drawing}>
      {legend.length > 0 && (
        <div className={css.legend}>
          {legend.map(({ name, colour, faint }) => (
            <span key={name} style={painted(colour, faint)}>
              {name}
            </span>
          ))}
        </div>
      )}
      <div className={css.rows}>
        {bars.map(({ name, value, parts: own }) => [
          <span key={`${name} name`}>{name}</span>,
          <div key={`${name} bar`} className={css.bar}>
            {own.map(({ key, from, size, colour, title, faint }) => (
              <span key={key} title={title} style={{ ...painted(colour, faint), left: share(from - least), width: share(size) }} />
            ))}
          </div>,
          <span key={`${name} value`} className={css.value}>
            {value}
          </span>,
        ])}
      </div>
    </div>
  );
}
