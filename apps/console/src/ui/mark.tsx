import css from './ui.module.css';

/** The product's mark: six balls in a heap. */
export function Mark() {
  return (
    <svg className={css.mark} viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="15" fill="var(--accent)" />
      <g fill="var(--on-accent)">
        <circle cx="16" cy="10" r="3" />
        <circle cx="12" cy="16" r="3" />
        <circle cx="20" cy="16" r="3" />
        <circle cx="8" cy="22" r="3" />
        <circle cx="16" cy="22" r="3" />
        <circle cx="24" cy="22" r="3" />
      </g>
    </svg>
  );
}
