import { Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { ADMIN } from '../text/admin.en.js';

interface WordProps {
  label: string;
  value: string | undefined;
  onChange: (value: string) => void;
  placeholder?: string;
}

/** So long nothing was typed before it is asked for. */
const PAUSE_MS = 250;

/** A filter that is typed. */
export function WordFilter({ label, value = '', onChange, placeholder }: WordProps) {
  const [typed, setTyped] = useState(value);
  const later = useDebouncedCallback(onChange, PAUSE_MS);
  useEffect(() => setTyped(value), [value]);
  return (
    <TextInput
      label={label}
      value={typed}
      {...(placeholder !== undefined && { placeholder })}
      autoComplete="off"
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        later(event.currentTarget.value.trim());
      }}
    />
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  /** What can be chosen, with its name. */
  of: Readonly<Record<string, string>>;
  onChange: (value: string | null) => void;
}

/** A filter that is chosen; cleared it lets everything through. */
export const ChoiceFilter = ({ label, value, of, onChange }: ChoiceProps) => (
  <Select
    label={label}
    placeholder={ADMIN.list.any}
    clearable
    data={Object.entries(of).map(([name, text]) => ({ value: name, label: text }))}
    value={value ?? null}
    onChange={onChange}
  />
);
