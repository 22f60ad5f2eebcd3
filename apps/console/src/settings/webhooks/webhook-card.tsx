import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { AnswerOf } from '../../http/use-heap.js';
import { useHeapDeed } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import { Deliveries } from './deliveries.js';
import { Rotate } from './rotate.js';

type Webhook = AnswerOf<'/v1/notices/webhooks', 'get'>['webhooks'][number];
const LIST = '/v1/notices/webhooks';

/** One webhook and what can be done with it. */
export function WebhookCard({ webhook, renewed }: { webhook: Webhook; renewed: (secret: string) => void }) {
  const { webhook_id, url, kinds, state, reason, old_secret_until } = webhook;
  const [asked, setAsked] = useState<'rotate' | 'remove' | null>(null);
  const params = { path: { webhook_id } };
  const stale = { stale: [LIST, `${LIST}/{webhook_id}/deliveries`] } as const;
  const change = useHeapDeed('put', '/v1/notices/webhooks/{webhook_id}', stale);
  const remove = useHeapDeed('delete', '/v1/notices/webhooks/{webhook_id}', { stale: [LIST] });
  const test = useHeapDeed('post', '/v1/notices/webhooks/{webhook_id}/test', stale);
  const text = NOTICES.webhooks;
  const error = change.error ?? remove.error ?? test.error;
  return (
    <Paper withBorder p="md" component="section" aria-label={url}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4" lineClamp={2}>
            {url}
          </Title>
          <Badge variant="default">{text.states[state]}</Badge>
        </Group>
        <Text size="sm">{kinds.length === 0 ? text.all_kinds : `${text.kinds(kinds.length)}: ${kinds.join(', ')}`}</Text>
        <Reason reason={reason} />
        {old_secret_until && (
          <Text size="sm">
            {text.old_until} <When at={old_secret_until} absolute />
          </Text>
        )}
        <Group gap="sm">
          <Button loading={test.isPending} onClick={() => test.mutate({ params })}>
            {text.test}
          </Button>
          <Button variant="default" onClick={() => change.mutate({ params, body: { active: state !== 'ACTIVE' } })}>
            {state === 'ACTIVE' ? text.off : text.on}
          </Button>
          <Button variant="default" onClick={() => setAsked('rotate')}>
            {text.rotate}
          </Button>
          {asked === 'remove' ? (
            <Button color="red" variant="outline" onClick={() => remove.mutate({ params })}>
              {text.remove_sure}
            </Button>
          ) : (
            <Button variant="default" onClick={() => setAsked('remove')}>
              {text.remove}
            </Button>
          )}
        </Group>
        {test.data && <Reason reason={test.data.reason} />}
        {error && <Problem error={error} />}
        {asked === 'rotate' && (
          <Rotate
            webhook_id={webhook_id}
            done={(secret) => {
              setAsked(null);
              if (secret !== null) renewed(secret);
            }}
          />
        )}
        <Deliveries webhook_id={webhook_id} />
      </Stack>
    </Paper>
  );
}
