import { Group, Radio, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { heap } from '../http/heap.js';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { Empty } from '../ui-kit/empty.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Money } from '../ui-kit/money.js';
import { Page } from '../ui-kit/page.js';
import { Reason } from '../ui-kit/reason.js';
import { When } from '../ui-kit/when.js';
import { Deed } from './deed.js';
import { HeapLink } from './heap-link.js';
import { Part } from './part.js';
import { useFilters } from './use-filters.js';

type Objection = AnswerOf<'/v1/admin/objections', 'get'>['objections'][number];
type Outcome = keyof typeof TEXT.outcomes;

const TEXT = ADMIN.objections;

/** What developers object to, and who decides it. */
export function ObjectionsPage() {
  const [filters, change] = useFilters();
  const state = filters.state === 'DECIDED' ? 'DECIDED' : 'OPEN';
  const query = useHeap('/v1/admin/objections', { params: { query: { state, limit: 100 } } }, { topics: ['admin:objections'] });
  const { data: about } = useHeap('/v1/heap', {});
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <SegmentedControl
        w="fit-content"
        aria-label={TEXT.title}
        value={state}
        onChange={(value) => change({ state: value })}
        data={[
          { value: 'OPEN', label: TEXT.open },
          { value: 'DECIDED', label: TEXT.decided },
        ]}
      />
      <Loaded query={query}>
        {({ objections }) => (
          <>
            {objections.length === 0 && <Empty {...TEXT.none} />}
            {objections.map((one) => (
              <One key={one.objection_id} objection={one} currency={about?.currency ?? 'USD'} />
            ))}
          </>
        )}
      </Loaded>
    </Page>
  );
}

const One = ({ objection, currency }: { objection: Objection; currency: string }) => (
  <Part
    head={`${TEXT.title.slice(0, -1)} ${objection.objection_id.slice(-12)}`}
    deeds={objection.state === 'OPEN' && <Decide objection_id={objection.objection_id} />}
  >
    <Text>{objection.complaint}</Text>
    <Reason reason={objection.reason} />
    <Group gap="lg">
      <Text size="sm">
        {TEXT.amount}: <Money micro={objection.amount_micro} currency={currency} />
      </Text>
      <Text size="sm">
        {TEXT.decide_by}: <When at={objection.decide_by} />
      </Text>
      <HeapLink page={`/admin/jobs/${objection.job_id}`}>{ADMIN.find.kinds.job}</HeapLink>
    </Group>
    {objection.decision && <Text size="sm">{objection.decision}</Text>}
  </Part>
);

function Decide({ objection_id }: { objection_id: string }) {
  const [outcome, setOutcome] = useState<Outcome>('owner');
  const [refund, setRefund] = useState('');
  return (
    <Deed
      label={TEXT.decide}
      title={TEXT.title_decide}
      act={({ reason }) =>
        heap.POST('/v1/admin/objections/{objection_id}/decision', {
          params: { path: { objection_id } },
          body: { outcome, reason, ...(outcome === 'split' && { refund_micro: refund.trim() }) },
        })
      }
    >
      <Radio.Group label={TEXT.outcome} value={outcome} onChange={(value) => setOutcome(value as Outcome)}>
        <Stack gap="xs" py="xs">
          {(Object.keys(TEXT.outcomes) as Outcome[]).map((one) => (
            <Radio key={one} value={one} label={TEXT.outcomes[one]} />
          ))}
        </Stack>
      </Radio.Group>
      {outcome === 'split' && (
        <TextInput
          label={TEXT.refund}
          value={refund}
          onChange={(event) => setRefund(event.currentTarget.value)}
          inputMode="numeric"
          required
        />
      )}
    </Deed>
  );
}
