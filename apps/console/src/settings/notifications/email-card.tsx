import { Button, Stack, Text, Title } from '@mantine/core';
import { useHeapDeed } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import type { Choices } from './choices.js';

/** Where mails go, and how an address is confirmed. */
export function EmailCard({ email: { address, reason } }: { email: Choices['email'] }) {
  const ask = useHeapDeed('post', '/v1/notices/address');
  const text = NOTICES.email;
  return (
    <Stack gap="sm" align="flex-start">
      <Title order={2} size="h3">
        {text.title}
      </Title>
      {reason ? <Reason reason={reason} /> : <Text>{text.goes_to(address)}</Text>}
      {reason?.code === 'address_not_confirmed' && !ask.data && (
        <Button variant="default" loading={ask.isPending} onClick={() => ask.mutate({})}>
          {text.confirm}
        </Button>
      )}
      {ask.data && <Text role="status">{text.sent(ask.data.address)}</Text>}
      {ask.error && <Problem error={ask.error} />}
    </Stack>
  );
}
