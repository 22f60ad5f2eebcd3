import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { useHeapDeed } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { needsPassword } from './needs-password.js';

/** A new secret for a webhook. */
export function Rotate({ webhook_id, done }: { webhook_id: string; done: (secret: string | null) => void }) {
  const [password, setPassword] = useState('');
  const rotate = useHeapDeed('post', '/v1/notices/webhooks/{webhook_id}/secret', { stale: ['/v1/notices/webhooks'] });
  const text = NOTICES.webhooks;
  const go = () =>
    rotate.mutate(
      { params: { path: { webhook_id } }, body: password === '' ? {} : { password } },
      { onSuccess: ({ secret }) => done(secret) },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      <Stack gap="sm" maw={420}>
        {(needsPassword(rotate.error) || password !== '') && (
          <PasswordInput
            label={text.create.password}
            autoComplete="current-password"
            value={password}
            onChange={({ currentTarget: { value } }) => setPassword(value)}
          />
        )}
        {rotate.error && <Problem error={rotate.error} />}
        <Group>
          <Button type="submit" loading={rotate.isPending}>
            {text.rotate_go}
          </Button>
          <Button variant="default" onClick={() => done(null)}>
            {text.cancel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
