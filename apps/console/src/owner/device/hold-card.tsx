import { Button, Card, Group, Select, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import { NODES_STALE, type NodeRules } from '../types.js';

const TEXT = OWNER.hold;
export const HOLD_TIMES = Object.entries(TEXT.times).map(([value, label]) => ({ value, label }));
/** Null lasts until it is released. */
export const holdMs = (value: string): number | null => (value === 'ever' ? null : Number(value));

/** The hold button, and what became of its last word. */
export function HoldCard({ node_id, hold }: { node_id: string; hold: NodeRules['hold'] }) {
  const [time, setTime] = useState('3600000');
  const holding = useHeapDeed('post', '/v1/nodes/{node_id}/hold', { stale: NODES_STALE });
  const releasing = useHeapDeed('delete', '/v1/nodes/{node_id}/hold', { stale: NODES_STALE });
  const params = { path: { node_id } };
  const problem = holding.error ?? releasing.error;
  return (
    <Card withBorder component="section" aria-labelledby="hold">
      <Stack gap="sm">
        <Title order={2} size="h4" id="hold">
          {TEXT.title}
        </Title>
        {hold.held ? (
          <Stack gap={2} role="status">
            <Text fw={600}>
              {hold.until === null ? (
                TEXT.held
              ) : (
                <>
                  {TEXT.held_until} <When at={hold.until} absolute />
                </>
              )}
            </Text>
            <Reason reason={hold.status} />
          </Stack>
        ) : (
          <Text c="dimmed">{TEXT.sentence}</Text>
        )}
        <Group align="flex-end" gap="sm">
          <Select
            label={TEXT.how_long}
            data={HOLD_TIMES}
            value={time}
            allowDeselect={false}
            onChange={(value) => value && setTime(value)}
            flex={1}
            miw={160}
          />
          <Button loading={holding.isPending} onClick={() => holding.mutate({ params, body: { for_ms: holdMs(time) } })}>
            {TEXT.now}
          </Button>
          {hold.held && (
            <Button variant="default" loading={releasing.isPending} onClick={() => releasing.mutate({ params })}>
              {TEXT.release}
            </Button>
          )}
        </Group>
        {problem && <Problem error={problem} />}
      </Stack>
    </Card>
  );
}
