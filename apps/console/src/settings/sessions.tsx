import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type AnswerOf, useHeap, useHeapDeed } from '../http/use-heap.js';
import { live } from '../live/live.js';
import { SECURITY } from '../text/security.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Problem } from '../ui-kit/problem.js';
import { When } from '../ui-kit/when.js';
import { deviceName } from './device-name.js';

type Session = AnswerOf<'/v1/sessions', 'get'>['sessions'][number];
const { sessions: TEXT } = SECURITY;

export function Sessions() {
  const query = useHeap('/v1/sessions', {}, { topics: ['sessions'] });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const many = useHeapDeed('post', '/v1/sessions/end', { stale: ['/v1/sessions'] });
  const all = useHeapDeed('post', '/v1/sessions/end');
  const endAll = () => {
    // What is heard on the way out would be asked for in vain.
    live.pause();
    all.mutate(
      { body: { which: 'all' } },
      {
        onSuccess: () => {
          queries.clear();
          return navigate({ to: '/' });
        },
        onSettled: () => live.resume(),
      },
    );
  };
  return (
    <Stack gap="md">
      <Title order={2}>{TEXT.title}</Title>
      <Loaded query={query}>
        {({ sessions }) => (
          <>
            {sessions.map((session) => (
              <Row key={session.session_id} session={session} />
            ))}
            <Group gap="sm">
              {sessions.length > 1 && (
                <Button variant="default" loading={many.isPending} onClick={() => many.mutate({ body: { which: 'others' } })}>
                  {TEXT.end_others}
                </Button>
              )}
              <Button variant="default" loading={all.isPending} onClick={endAll}>
                {TEXT.end_all}
              </Button>
            </Group>
          </>
        )}
      </Loaded>
      {(many.error ?? all.error) && <Problem error={many.error ?? all.error} />}
    </Stack>
  );
}

function Row({ session }: { session: Session }) {
  const { session_id, current, user_agent, address, signed_in_at, last_used_at } = session;
  const end = useHeapDeed('delete', '/v1/sessions/{session_id}', { stale: ['/v1/sessions'] });
  const name = deviceName(user_agent);
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="sm">
        <div>
          <Group gap="xs">
            <Text fw={600}>{name}</Text>
            {current && <Badge variant="light">{TEXT.this_one}</Badge>}
          </Group>
          <Text size="sm" c="dimmed">
            {TEXT.signed_in} <When at={signed_in_at} />
            {address !== null && ` ${TEXT.address(address)}`}, {TEXT.used} <When at={last_used_at} />
          </Text>
        </div>
        {!current && (
          <Button
            variant="default"
            aria-label={`${TEXT.end}: ${name}`}
            loading={end.isPending}
            onClick={() => end.mutate({ params: { path: { session_id } } })}
          >
            {TEXT.end}
          </Button>
        )}
      </Group>
      {end.error && <Problem error={end.error} />}
    </Stack>
  );
}
