import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { SHELL } from '../text/shell.en.js';

/** A page: its title (the window's too), what it is for in a sentence, its deeds, its content. */
export function Page({ title, lead, deeds, children }: { title: string; lead?: ReactNode; deeds?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · ${SHELL.brand}`;
  }, [title]);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={4} maw={720}>
          <Title order={1}>{title}</Title>
          {lead && <Text c="dimmed">{lead}</Text>}
        </Stack>
        {deeds && <Group gap="sm">{deeds}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
