import { Anchor, Stack, Text, Title } from '@mantine/core';
import { SHELL } from '../text/shell.en.js';

export const NotFound = () => (
  <Stack gap="sm">
    <Title order={1}>{SHELL.not_found.title}</Title>
    <Text>{SHELL.not_found.sentence}</Text>
    <Anchor href="/">{SHELL.not_found.home}</Anchor>
  </Stack>
);
