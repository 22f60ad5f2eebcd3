import { Button, Card, Checkbox, Stack } from '@mantine/core';
import { useState } from 'react';
import { WORKLOAD_CLASSES } from '#units';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Page } from '../../ui-kit/page.js';
import { Problem } from '../../ui-kit/problem.js';
import { said } from '../said.js';

const TEXT = OWNER.consents;
type Rules = AnswerOf<'/v1/rules', 'get'>;

/** Which sorts of work the owner admits, each in a sentence. */
export function ConsentsPage() {
  const rules = useHeap('/v1/rules', {}, { topics: ['offers'] });
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={rules}>{(data) => <Choice key={data.workload_classes.join(' ')} rules={data} />}</Loaded>
    </Page>
  );
}

function Choice({ rules }: { rules: Rules }) {
  const [classes, setClasses] = useState<readonly string[]>(rules.workload_classes);
  const saving = useHeapDeed('put', '/v1/rules', { stale: ['/v1/rules'] });
  const save = () => {
    const { electricity: _, ...now } = rules;
    saving.mutate({ body: { ...now, workload_classes: classes as Rules['workload_classes'] } }, { onSuccess: () => said(TEXT.saved) });
  };
  return (
    <Card withBorder>
      <Stack gap="md">
        {Object.entries(WORKLOAD_CLASSES).map(([name, sentence]) => (
          <Checkbox
            key={name}
            label={TEXT.names[name] ?? name}
            description={sentence}
            checked={classes.includes(name)}
            onChange={({ currentTarget: { checked } }) =>
              setClasses((now) => now.filter((one) => one !== name).concat(checked ? [name] : []))
            }
          />
        ))}
        <Button onClick={save} loading={saving.isPending} w="fit-content">
          {TEXT.save}
        </Button>
        {saving.error && <Problem error={saving.error} />}
      </Stack>
    </Card>
  );
}
