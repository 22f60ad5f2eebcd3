import { Anchor, Card, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { OWNER } from '../../text/owner.en.js';
import { Reason } from '../../ui-kit/reason.js';
import { percent } from '../figures.js';
import { Presence } from '../presence.js';
import type { OwnNode } from '../types.js';

/** A device at a glance: what it does, why, and what it brought today. */
export const DeviceCard = ({ node, today, choice }: { node: OwnNode; today: ReactNode; choice: ReactNode }) => (
  <Card withBorder>
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap">
        <Group gap="sm" wrap="nowrap">
          {choice}
          <Anchor component={Link} to={`/owner/devices/${node.id}`} fw={650}>
            {node.name}
          </Anchor>
        </Group>
        <Presence node={node} />
      </Group>
      {node.work[0] ? <Text size="sm">{node.work[0].doing}</Text> : <Reason reason={node.reason} />}
      <Group gap="md">
        <Text size="sm">
          {today} {OWNER.devices.today}
        </Text>
        <Text size="sm" c="dimmed">
          {OWNER.kinds[node.kind]}
          {node.readings?.battery != null && `, ${OWNER.devices.columns.battery} ${percent(node.readings.battery)}`}
        </Text>
      </Group>
    </Stack>
  </Card>
);
