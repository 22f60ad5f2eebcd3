import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { deviceOf } from '#protocol';
import { heap } from '../../http/heap.js';
import { useHeapDeed } from '../../http/use-heap.js';
import { type PushTrouble, pushTrouble, subscribe } from '../../push/subscription.js';
import { NOTICES } from '../../text/notices.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { When } from '../../ui-kit/when.js';
import { CHOICES, type Choices } from './choices.js';

/** Switches push on for this browser, or says why that cannot be, and lists all that get it. */
export function PushCard({ push: { public_key, browsers } }: { push: Choices['push'] }) {
  const queries = useQueryClient();
  const [trouble, setTrouble] = useState<PushTrouble | null>(pushTrouble);
  const enable = useMutation({
    mutationFn: async () => {
      const got = await subscribe(public_key);
      if (typeof got === 'string') return setTrouble(got);
      setTrouble(null);
      await heap.POST('/v1/notices/push', { body: { ...got, name: deviceOf(navigator.userAgent) } });
      await queries.invalidateQueries({ queryKey: [CHOICES] });
    },
  });
  const remove = useHeapDeed('delete', '/v1/notices/push/{push_id}', { stale: [CHOICES] });
  const text = NOTICES.push;
  const error = enable.error ?? remove.error;
  return (
    <Stack gap="sm" align="flex-start">
      <Title order={2} size="h3">
        {text.title}
      </Title>
      <Text>{text.sentence}</Text>
      {trouble !== null && <Text role="status">{text.cannot[trouble]}</Text>}
      {(trouble === null || trouble === 'failed') && (
        <Button loading={enable.isPending} onClick={() => enable.mutate()}>
          {text.enable}
        </Button>
      )}
      {error && <Problem error={error} />}
      <Title order={3} size="h5">
        {text.browsers}
      </Title>
      {browsers.length === 0 && <Text c="dimmed">{text.none}</Text>}
      {browsers.map(({ push_id, name, created_at }) => (
        <Group key={push_id} gap="sm">
          <Text>
            {name}, {text.since} <When at={created_at} />
          </Text>
          <Button
            variant="default"
            size="sm"
            aria-label={text.remove_label(name)}
            onClick={() => remove.mutate({ params: { path: { push_id } } })}
          >
            {text.remove}
          </Button>
        </Group>
      ))}
    </Stack>
  );
}
