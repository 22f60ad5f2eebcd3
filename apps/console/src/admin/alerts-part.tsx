import { Code, Group, Stack, Text } from '@mantine/core';
import { heap } from '../http/heap.js';
import { ADMIN } from '../text/admin.en.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { Deed } from './deed.js';
import { HeapLink } from './heap-link.js';
import { Part } from './part.js';
import type { Glance } from './shapes.js';
import { Tag } from './tag.js';

const TEXT = ADMIN.glance;
const COLOURS = { critical: 'red', warning: 'yellow', notice: 'blue' } as const;

/** What needs an admin, the weightiest first. */
export const AlertsPart = ({ alerts }: { alerts: Glance['alerts'] }) => (
  <Part head={TEXT.alerts}>
    {alerts.length === 0 && <Text c="dimmed">{TEXT.no_alert}</Text>}
    {alerts.map((alert) => (
      <Group key={alert.alert_id} className={css.alert} data-severity={alert.severity} justify="space-between" gap="sm">
        <Stack gap={2} maw={800}>
          <Group gap="xs">
            <Tag color={COLOURS[alert.severity]} variant="light">
              {alert.severity}
            </Tag>
            <Code>{alert.code}</Code>
            <Text size="sm" c="dimmed">
              {TEXT.raised} <When at={alert.raised_at} />
            </Text>
          </Group>
          <Text>
            {alert.sentence} <HeapLink page={alert.link}>{ADMIN.figure.made_of}</HeapLink>
          </Text>
          {alert.acknowledged && (
            <Text size="sm" c="dimmed">
              {TEXT.acknowledged(alert.acknowledged.note)}
            </Text>
          )}
        </Stack>
        {!alert.acknowledged && (
          <Deed
            small
            label={TEXT.acknowledge}
            title={TEXT.acknowledge_title}
            act={({ reason }) =>
              heap.POST('/v1/admin/alerts/{alert_id}/acknowledgement', {
                params: { path: { alert_id: alert.alert_id } },
                body: { note: reason },
              })
            }
          />
        )}
      </Group>
    ))}
  </Part>
);
