import { Button, Group, Stack, Text } from '@mantine/core';
import { OWNER } from '../../text/owner.en.js';
import { Empty } from '../../ui-kit/empty.js';
import { OneCode } from '../people/one-code.js';

const TEXT = OWNER.devices;

/** Before the first device: one big button, and a code for another device. */
export const FirstDevice = () => (
  <Empty title={TEXT.empty} sentence={TEXT.empty_sentence}>
    <Group gap="xl" align="flex-start">
      <Button component="a" href="/join" size="xl">
        {TEXT.join}
      </Button>
      <Stack gap="xs">
        <Text fw={600}>{TEXT.scan}</Text>
        <OneCode />
      </Stack>
    </Group>
  </Empty>
);
