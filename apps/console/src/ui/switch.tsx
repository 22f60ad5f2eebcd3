import { useId } from 'react';
import css from './ui.module.css';

interface Props {
  label: string;
  help?: string | undefined;
  checked: boolean;
  disabled?: boolean;
  onChange(checked: boolean): void;
}

/** Something that is on or off. */
export function Switch({ label, help, checked, disabled = false, onChange }: Props) {
  const help_id = useId();
  return (
    <label className={css.switch}>
      <span>
        {label}
        {help !== undefined && (
          <span id={help_id} className={css.small}>
            <br />
            {help}
          </span>
        )}
      </span>
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        aria-checked={checked}
        disabled={disabled}
        aria-describedby={help === undefined ? undefined : help_id}
        onChange={(event) => onChange(event.target.checked)}
      />
    </label>
  );
}
