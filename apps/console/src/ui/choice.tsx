import css from './choice.module.css';

interface Props<T> {
  label: string;
  options: readonly { value: T; text: string }[];
  chosen: T;
  onChoose(value: T): void;
}

/** One of a few, as buttons: arrows move between them, pressing chooses. */
export function Choice<T extends string | number | null>({ label, options, chosen, onChoose }: Props<T>) {
  return (
    <fieldset className={css.choice}>
      <legend className={css.legend}>{label}</legend>
      {options.map(({ value, text }) => (
        <button key={String(value)} type="button" aria-pressed={value === chosen} onClick={() => onChoose(value)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}
