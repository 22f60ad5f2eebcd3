import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** There is nothing, why that is, and what to do about it. */
export const Empty = ({ title, sentence, children }: { title: string; sentence: string; children?: ReactNode }) => (
  <Stack align="flex-start" gap="xs" py="lg">
    <Title order={2} size="h4">
      {title}
    </Title>
    <Text c="dimmed" maw={560}>
      {sentence}
    </Text>
    {children}
  </Stack>
);
