import { Group, Stack, Text } from '@mantine/core';
import { ADMIN } from '../text/admin.en.js';
import { HeapLink } from './heap-link.js';
import { Part } from './part.js';
import type { Glance } from './shapes.js';

const TEXT = ADMIN.glance;
const PAGES = {
  objections_open: '/admin/objections',
  journals_proposed: '/admin/money',
  disputes_open: '/admin/money',
  penalties_active: '/admin/suspects',
  nodes_banned: '/admin/nodes?standing=banned&gone=true',
  checks_waiting: '/admin/suspects',
} as const;

/** What waits for somebody to decide. */
export const CarePart = ({ now: { care } }: { now: Glance }) => (
  <Part head={TEXT.care}>
    <Group gap="xl">
      {(Object.keys(PAGES) as (keyof typeof PAGES)[]).map((name) => (
        <Stack key={name} gap={0}>
          <Text size="sm" c="dimmed">
            {TEXT.care_names[name]}
          </Text>
          <Text size="xl" fw={680}>
            <HeapLink page={PAGES[name]}>{care[name].toLocaleString()}</HeapLink>
          </Text>
        </Stack>
      ))}
    </Group>
  </Part>
);
