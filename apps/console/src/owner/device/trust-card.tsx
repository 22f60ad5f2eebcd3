import { Badge, Card, List, Stack, Text, Title } from '@mantine/core';
import { useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import type { OwnNode } from '../types.js';

const TEXT = OWNER.device;

/** What the heap thinks of the device: health rules that apply, and what its results are worth. */
export function TrustCard({ node }: { node: OwnNode }) {
  const reputation = useHeap('/v1/nodes/{node_id}/reputation', { params: { path: { node_id: node.id } } }, { topics: [`node:${node.id}`] });
  const { score, rules } = node.health;
  return (
    <Card withBorder component="section" aria-labelledby="trust">
      <Stack gap="sm">
        <Title order={2} size="h4" id="trust">
          {TEXT.health}: {TEXT.health_score(score)}
        </Title>
        {rules.length === 0 ? (
          <Text c="dimmed">{TEXT.health_none}</Text>
        ) : (
          <List size="sm">
            {rules.map(({ name, weight, sentence }) => (
              <List.Item key={name}>
                {weight > 0 ? `+${weight}` : weight} {sentence}
              </List.Item>
            ))}
          </List>
        )}
        <Title order={3} size="h5">
          {TEXT.reputation}
        </Title>
        <Loaded query={reputation}>
          {({ grade, results, results_checked, mismatches }) => (
            <Stack gap={4} align="flex-start">
              <Badge variant="default">{TEXT.grades[grade]}</Badge>
              <Text size="sm">
                {TEXT.checked(results_checked, results)} {TEXT.mismatches(mismatches)}
              </Text>
            </Stack>
          )}
        </Loaded>
      </Stack>
    </Card>
  );
}
