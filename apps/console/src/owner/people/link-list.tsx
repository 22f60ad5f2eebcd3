import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { type AnswerOf, useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';

const TEXT = OWNER.add;
type Link = AnswerOf<'/v1/enrolment-links', 'get'>['links'][number];

export function LinkList({ links }: { links: readonly Link[] }) {
  const closing = useHeapDeed('delete', '/v1/enrolment-links/{link_id}', { stale: ['/v1/enrolment-links'] });
  return (
    <Stack gap="sm">
      {links.map((link) => (
        <Card key={link.link_id} withBorder padding="sm">
          <Group justify="space-between">
            <Stack gap={2}>
              <Text fw={600}>{link.label}</Text>
              <Reason reason={link.state} />
              <Text size="sm" c="dimmed">
                {TEXT.used} {link.uses}/{link.uses_max}, {TEXT.devices} {link.devices}, {TEXT.until} <When at={link.expires_at} absolute />
              </Text>
            </Stack>
            {link.state.code === 'open' && (
              <Button
                variant="default"
                aria-label={TEXT.close_named(link.label)}
                onClick={() => closing.mutate({ params: { path: { link_id: link.link_id } } })}
              >
                {TEXT.close}
              </Button>
            )}
          </Group>
        </Card>
      ))}
      {closing.error && <Problem error={closing.error} />}
    </Stack>
  );
}
