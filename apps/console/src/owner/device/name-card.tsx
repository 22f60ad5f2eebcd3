import { Button, Card, Group, Stack, TagsInput, TextInput, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { said } from '../said.js';
import { Sure } from '../sure.js';
import { NODES_STALE, type OwnNode } from '../types.js';

const TEXT = OWNER.device;

/** What its owner calls it, and the way out of the heap. */
export function NameCard({ node }: { node: OwnNode }) {
  const [name, setName] = useState(node.name);
  const [groups, setGroups] = useState<string[]>(node.groups);
  const saving = useHeapDeed('put', '/v1/nodes/{node_id}', { stale: NODES_STALE });
  const revoking = useHeapDeed('delete', '/v1/nodes/{node_id}', { stale: ['/v1/nodes'] });
  const navigate = useNavigate();
  const params = { path: { node_id: node.id } };
  return (
    <Card withBorder component="section" aria-labelledby="name">
      <Stack gap="sm">
        <Title order={2} size="h4" id="name">
          {TEXT.rename}
        </Title>
        <TextInput label={TEXT.name} value={name} maxLength={64} required onChange={(event) => setName(event.currentTarget.value)} />
        <TagsInput
          label={OWNER.fleet.groups_label}
          description={OWNER.fleet.groups_help}
          value={groups}
          maxTags={16}
          onChange={(words) => setGroups(words.map((word) => word.toLowerCase()))}
        />
        <Group>
          <Button
            variant="default"
            loading={saving.isPending}
            disabled={name.trim() === ''}
            onClick={() => saving.mutate({ params, body: { name, groups } }, { onSuccess: () => said(TEXT.saved) })}
          >
            {TEXT.save}
          </Button>
          <Sure
            label={TEXT.revoke}
            sentence={TEXT.revoke_sure}
            onSure={() => revoking.mutate({ params }, { onSuccess: () => void navigate({ to: '/owner' }) })}
          />
        </Group>
        {(saving.error ?? revoking.error) && <Problem error={saving.error ?? revoking.error} />}
      </Stack>
    </Card>
  );
}
