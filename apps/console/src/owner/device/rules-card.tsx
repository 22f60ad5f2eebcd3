import { Card, Stack, Text, Title } from '@mantine/core';
import { SAFE_RULES } from '#protocol';
import { useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import { RulesForm } from '../rules/rules-form.js';
import { said } from '../said.js';
import { NODES_STALE, type NodeRules } from '../types.js';

const TEXT = OWNER.rules;

/** When a device works: what was set, whether the device has it, and the week to change it. */
export function RulesCard({ node_id, view }: { node_id: string; view: NodeRules }) {
  const { set, in_force, status } = view;
  const saving = useHeapDeed('put', '/v1/nodes/{node_id}/rules', { stale: NODES_STALE });
  const rules = set?.rules ?? in_force?.rules ?? SAFE_RULES;
  return (
    <Card withBorder component="section" aria-labelledby="rules">
      <Stack gap="sm">
        <Title order={2} size="h4" id="rules">
          {TEXT.title}
        </Title>
        <Stack gap={2} role="status">
          {in_force && (
            <Text>
              {TEXT.since} <When at={in_force.since} /> (
              {in_force.version === 0 ? TEXT.by_start : in_force.origin === 'heap' ? TEXT.from_heap : TEXT.from_device})
            </Text>
          )}
          <Reason reason={status} />
        </Stack>
        <RulesForm
          // What was set elsewhere meanwhile is shown; what is being edited stays until then.
          key={`${set?.version ?? 0}-${set?.origin ?? ''}`}
          rules={rules}
          saving={saving.isPending}
          onSave={(next) =>
            saving.mutate({ params: { path: { node_id } }, body: { rules: next as never } }, { onSuccess: () => said(TEXT.saved) })
          }
        />
        {saving.error && <Problem error={saving.error} />}
      </Stack>
    </Card>
  );
}
