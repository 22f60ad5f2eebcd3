import { Anchor, Button, Card, Stack, Text, Title } from '@mantine/core';
import { useHeap, useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';

const TEXT = OWNER.payouts;

/** Whether money can reach the owner, and the way to the provider's page where they prove who they are. */
export function BankAccount() {
  const account = useHeap('/v1/payout-account', {}, { topics: ['payouts'] });
  const opening = useHeapDeed('post', '/v1/payout-account', { stale: ['/v1/payout-account'] });
  return (
    <Card withBorder component="section" aria-labelledby="bank">
      <Stack gap="sm">
        <Title order={2} size="h4" id="bank">
          {TEXT.account}
        </Title>
        <Loaded query={account}>{({ reason }) => <Reason reason={reason} />}</Loaded>
        <Button variant="default" onClick={() => opening.mutate({ body: {} })} loading={opening.isPending}>
          {TEXT.open}
        </Button>
        {opening.data &&
          (opening.data.url === null ? (
            <Text role="status">{opening.data.account.reason.sentence}</Text>
          ) : (
            <Anchor href={opening.data.url} rel="noreferrer">
              {TEXT.open_go}
            </Anchor>
          ))}
        {opening.error && <Problem error={opening.error} />}
      </Stack>
    </Card>
  );
}
