import { Button, Stack, Text } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';
import { useHeapDeed } from '../http/use-heap.js';
import { NOTICES } from '../text/notices.en.js';
import { Page } from '../ui-kit/page.js';
import { Problem } from '../ui-kit/problem.js';

/** Where the link that confirms an address leads. */
export function ConfirmAddressPage() {
  const { token } = useSearch({ from: '/confirm-address' });
  const confirm = useHeapDeed('post', '/v1/notices/address/confirmation', { stale: ['/v1/notices/choices'] });
  const text = NOTICES.confirm;
  return (
    <Page title={text.title} lead={text.sentence}>
      <Stack align="flex-start">
        {confirm.error && <Problem error={confirm.error} />}
        {confirm.data ? (
          <>
            <Text role="status">{text.done(confirm.data.address)}</Text>
            <Button component={Link} to="/account/notifications" variant="default">
              {text.choose}
            </Button>
          </>
        ) : (
          <Button loading={confirm.isPending} onClick={() => confirm.mutate({ body: { token } })}>
            {text.go}
          </Button>
        )}
      </Stack>
    </Page>
  );
}
