import { Stack, Switch, Table, Text, Title } from '@mantine/core';
import { useHeapDeed } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { CHOICES, type Choices } from './choices.js';

/** Groups of notices and channels; each press is kept at once. */
export function Matrix({ choices: { groups } }: { choices: Choices }) {
  const choose = useHeapDeed('put', CHOICES, { stale: [CHOICES] });
  const text = NOTICES.page;
  const channels = groups[0]?.channels.map(({ channel }) => channel) ?? [];
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        {text.matrix}
      </Title>
      {choose.error && <Problem error={choose.error} />}
      <Table verticalSpacing="sm" horizontalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.what}</Table.Th>
            {channels.map((channel) => (
              <Table.Th key={channel}>{text.channels[channel]}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {groups.map(({ group, title, channels: of }) => (
            <Table.Tr key={group}>
              <Table.Th scope="row" fw={400}>
                {title}
              </Table.Th>
              {of.map(({ channel, on, fixed }) => (
                <Table.Td key={channel}>
                  <Switch
                    size="md"
                    checked={on}
                    disabled={fixed}
                    aria-label={text.switch(title, text.channels[channel])}
                    onChange={({ currentTarget: { checked } }) => choose.mutate({ body: { choices: [{ group, channel, on: checked }] } })}
                  />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm" c="dimmed">
        {text.fixed}
      </Text>
    </Stack>
  );
}
