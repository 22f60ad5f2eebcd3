import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useHeap } from '../http/use-heap.js';
import { PUBLIC } from '../text/public.en.js';

/** What an open heap is, and the two ways in. */
export function FrontPage() {
  const { data } = useHeap('/v1/heap', {}, { topics: ['heap'] });
  return (
    <Stack gap="lg" maw={640}>
      <Title order={1}>{data?.name ?? PUBLIC.title}</Title>
      <Text>{PUBLIC.sentence}</Text>
      <Text>{data ? PUBLIC.online(data.nodes_online) : ' '}</Text>
      <Group>
        <Button component="a" href="/join">
          {PUBLIC.join}
        </Button>
        <Button component={Link} to="/sign-up" variant="default">
          {PUBLIC.sign_up}
        </Button>
      </Group>
    </Stack>
  );
}
