import { Button, Group, Stack } from '@mantine/core';
import { useHeapDeed } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Problem } from '../../ui-kit/problem.js';

/** A new secret for a webhook. */
export function Rotate({ webhook_id, done }: { webhook_id: string; done: (secret: string | null) => void }) {
  const rotate = useHeapDeed('post', '/v1/notices/webhooks/{webhook_id}/secret', { stale: ['/v1/notices/webhooks'] });
  const text = NOTICES.webhooks;
  const go = () => rotate.mutate({ params: { path: { webhook_id } }, body: {} }, { onSuccess: ({ secret }) => done(secret) });
  return (
    <Stack gap="sm" maw={420}>
      {rotate.error && <Problem error={rotate.error} />}
      <Group>
        <Button onClick={go} loading={rotate.isPending}>
          {text.rotate_go}
        </Button>
        <Button variant="default" onClick={() => done(null)}>
          {text.cancel}
        </Button>
      </Group>
    </Stack>
  );
}
