import { ActionIcon, Group, Popover, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
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
        {of && (
          <Popover width={300} position="bottom-start" withArrow trapFocus>
            <Popover.Target>
              <ActionIcon variant="subtle" size="md" className={css.explain} aria-label={ADMIN.figure.explain(name)}>
                ?
              </ActionIcon>
            </Popover.Target>
            <Popover.Dropdown>
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
      </Group>
      <Text size="xl" fw={680} className={css.value} component="div">
        {children}
      </Text>
    </Stack>
  );
}
