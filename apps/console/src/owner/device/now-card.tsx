import { Badge, Card, Group, List, Stack, Text, Title } from '@mantine/core';
import { OWNER } from '../../text/owner.en.js';
import { When } from '../../ui-kit/when.js';
import type { OwnNode } from '../types.js';

const TEXT = OWNER.device;

/** What a device computes now, in plain words, and what it may see. */
export const NowCard = ({ node }: { node: OwnNode }) => (
  <Card withBorder component="section" aria-labelledby="now">
    <Stack gap="sm">
      <Title order={2} size="h4" id="now">
        {TEXT.now}
      </Title>
      {node.work.length === 0 && <Text c="dimmed">{TEXT.nothing}</Text>}
      {node.work.map((work) => (
        <Stack key={work.lease_id} gap={4}>
          <Group gap="xs">
            <Badge variant="default">{work.slot_class}</Badge>
            <Text size="sm" c="dimmed">
              {TEXT.since} <When at={work.since} />
            </Text>
          </Group>
          <Text>{work.doing}</Text>
          <details>
            <summary>{TEXT.may}</summary>
            <List size="sm">
              {work.may.map((sentence) => (
                <List.Item key={sentence}>{sentence}</List.Item>
              ))}
            </List>
          </details>
        </Stack>
      ))}
    </Stack>
  </Card>
);
