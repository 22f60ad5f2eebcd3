import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { SAFE_RULES } from '#protocol';
import { useHeap, useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Page } from '../../ui-kit/page.js';
import { Problem } from '../../ui-kit/problem.js';
import { said } from '../said.js';
import { RulesForm } from './rules-form.js';

const TEXT = OWNER.rules;

/** What new devices begin with. */
export function RulesPage() {
  const query = useHeap('/v1/device-rules', {});
  const saving = useHeapDeed('put', '/v1/device-rules', { stale: ['/v1/device-rules'] });
  const onSuccess = () => said(TEXT.saved);
  return (
    <Page title={TEXT.new_title} lead={TEXT.new_lead}>
      <Loaded query={query}>
        {({ rules }) => (
          <Card withBorder>
            <Stack gap="md">
              {rules === null && <Text>{TEXT.set_none}</Text>}
              <RulesForm
                key={JSON.stringify(rules)}
                rules={rules ?? SAFE_RULES}
                saving={saving.isPending}
                onSave={(next) => saving.mutate({ body: { rules: next as never } }, { onSuccess })}
              />
              {rules !== null && (
                <Group>
                  <Button variant="default" onClick={() => saving.mutate({ body: { rules: null } }, { onSuccess })}>
                    {TEXT.reset}
                  </Button>
                </Group>
              )}
              {saving.error && <Problem error={saving.error} />}
            </Stack>
          </Card>
        )}
      </Loaded>
    </Page>
  );
}
