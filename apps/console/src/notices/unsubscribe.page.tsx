import { Button, Stack, Text } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';
import { useHeapDeed } from '../http/use-heap.js';
import { NOTICES } from '../text/notices.en.js';
import { Page } from '../ui-kit/page.js';
import { Problem } from '../ui-kit/problem.js';

/** Where the link of a mail leads: a press, because programs that look through mails open links as well. */
export function UnsubscribePage() {
  const { token } = useSearch({ from: '/unsubscribe' });
  const stop = useHeapDeed('post', '/v1/notices/unsubscribe');
  const text = NOTICES.unsubscribe;
  return (
    <Page title={text.title} lead={text.sentence}>
      <Stack align="flex-start">
        {stop.error && <Problem error={stop.error} />}
        {stop.data ? (
          <>
            <Text role="status">{text.done(stop.data.title)}</Text>
            <Button component={Link} to="/account/notifications" variant="default">
              {text.choose}
            </Button>
          </>
        ) : (
          <Button loading={stop.isPending} onClick={() => stop.mutate({ params: { query: { token } } })}>
            {text.go}
          </Button>
        )}
      </Stack>
    </Page>
  );
}
