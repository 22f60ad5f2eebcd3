import { ActionIcon, Group, Popover, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ADMIN } from '../text/admin.en.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { HeapLink } from './heap-link.js';

export interface Definition {
  definition: string;
  link: string;
}

interface Props {
  name: string;
  /** What the heap says that it is. */
  of: Definition | undefined;
  at: string;
  children: ReactNode;
}

/** A number that explains itself: what it is, of when, and a way to what it is made of. */
export function Figure({ name, of, at, children }: Props) {
  return (
    <Stack gap={0} className={css.figure}>
      <Group gap={4} wrap="nowrap" align="center">
        <Text size="sm" c="dimmed">
          {name}
        </Text>
        {of && <Explained name={name} of={of} at={at} />}
      </Group>
      <Text size="xl" fw={680} className={css.value} component="div">
        {children}
      </Text>
    </Stack>
  );
}

/** What explains is made when it is asked for: a page has twenty figures, and few are asked about. */
function Explained({ name, of, at }: { name: string; of: Definition; at: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <ActionIcon
        variant="subtle"
        size="md"
        className={css.explain}
        aria-label={ADMIN.figure.explain(name)}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        ?
      </ActionIcon>
      {open && (
        <Popover opened onChange={setOpen} width={300} position="bottom-start" withArrow trapFocus returnFocus>
          <Popover.Target>
            <span className={css.anchor} />
          </Popover.Target>
          <Popover.Dropdown aria-label={ADMIN.figure.explain(name)}>
            <Stack gap="xs">
              <Text size="sm">{of.definition}</Text>
              <Text size="sm" c="dimmed">
                {ADMIN.figure.as_of} <When at={at} absolute />
              </Text>
              <HeapLink page={of.link}>{ADMIN.figure.made_of}</HeapLink>
            </Stack>
          </Popover.Dropdown>
        </Popover>
      )}
    </>
  );
}
