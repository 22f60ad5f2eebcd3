import { Button, Stack, Table, Text, Title } from '@mantine/core';
import { useHeap, useHeapDeed } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';

const PATH = '/v1/notices/webhooks/{webhook_id}/deliveries';
/** What scrolls must be reachable by keyboard. */
const REACHABLE = { tabIndex: 0, role: 'region' };

/** What was sent to a webhook and what it answered. */
export function Deliveries({ webhook_id }: { webhook_id: string }) {
  const log = useHeap(PATH, { params: { path: { webhook_id }, query: { limit: 20 } } }, { topics: ['notices'] });
  const again = useHeapDeed('post', '/v1/notices/webhooks/{webhook_id}/deliveries/{delivery_id}', { stale: [PATH] });
  const text = NOTICES.webhooks;
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {text.log}
      </Title>
      {again.error && <Problem error={again.error} />}
      <Loaded query={log}>
        {({ deliveries }) =>
          deliveries.length === 0 ? (
            <Text c="dimmed">{text.log_none}</Text>
          ) : (
            <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { ...REACHABLE, 'aria-label': text.log } }}>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    {Object.entries(text.columns).map(([key, label]) => (
                      <Table.Th key={key}>{label}</Table.Th>
                    ))}
                    <Table.Th aria-label={text.again} />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {deliveries.map((delivery) => (
                    <Table.Tr key={delivery.delivery_id}>
                      <Table.Td>{delivery.kind}</Table.Td>
                      <Table.Td>
                        {text.delivery_states[delivery.state]}. <Reason reason={delivery.reason} />
                      </Table.Td>
                      <Table.Td>{delivery.attempts}</Table.Td>
                      <Table.Td>{[delivery.response_status, delivery.response_start?.slice(0, 80)].filter(Boolean).join(' ')}</Table.Td>
                      <Table.Td>
                        <When at={delivery.sent_at ?? delivery.created_at} />
                      </Table.Td>
                      <Table.Td>
                        <Button
                          variant="default"
                          size="sm"
                          onClick={() => again.mutate({ params: { path: { webhook_id, delivery_id: delivery.delivery_id } } })}
                        >
                          {text.again}
                        </Button>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Loaded>
    </Stack>
  );
}
