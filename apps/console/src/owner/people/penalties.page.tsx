import { Badge, Button, Card, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';

const TEXT = OWNER.penalties;
type Penalty = AnswerOf<'/v1/penalties', 'get'>['penalties'][number];

/** What wrong results cost, why, until when, and how to object. */
export function PenaltiesPage() {
  const penalties = useHeap('/v1/penalties', {}, { topics: ['penalties'] });
  const earnings = useHeap('/v1/earnings', {});
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={penalties}>
        {({ penalties: all }) =>
          all.length === 0 ? (
            <Empty title={TEXT.none} sentence={TEXT.none_sentence} />
          ) : (
            <Stack gap="md">
              {all.map((penalty) => (
                <One key={penalty.penalty_id} penalty={penalty} currency={earnings.data?.currency ?? null} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}

function One({ penalty, currency }: { penalty: Penalty; currency: string | null }) {
  const { appeal, decision, evidence, lapses_at } = penalty;
  return (
    <Card withBorder component="article">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            {TEXT.kinds[penalty.kind]}
          </Title>
          <Badge variant="default">{TEXT.states[penalty.state]}</Badge>
        </Group>
        <Reason reason={penalty.reason} />
        <Text size="sm">
          <Link to="/owner/devices/$id" params={{ id: penalty.node_id }}>
            {OWNER.earnings.device}
          </Link>
          {', '}
          {TEXT.since} <When at={penalty.created_at} />
          {lapses_at && (
            <>
              {', '}
              {TEXT.lapses} <When at={lapses_at} />
            </>
          )}
        </Text>
        {evidence && (
          <Text size="sm">
            {TEXT.evidence} {evidence.index} {TEXT.of_job} <code>{evidence.job_id}</code>
          </Text>
        )}
        {penalty.voided_micro !== '0' && currency && (
          <Text size="sm">
            {TEXT.cost}: <Money micro={penalty.voided_micro} currency={currency} />
          </Text>
        )}
        {appeal && (
          <Text size="sm">
            {TEXT.appealed} <When at={appeal.at} />: {appeal.text}
          </Text>
        )}
        {decision && (
          <Text size="sm">
            {TEXT.decision}: <Reason reason={decision} />
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {penalty.how_to_appeal}
        </Text>
        {penalty.state === 'ACTIVE' && appeal === null && <Appeal penalty_id={penalty.penalty_id} />}
      </Stack>
    </Card>
  );
}

function Appeal({ penalty_id }: { penalty_id: string }) {
  const [reason, setReason] = useState('');
  const appealing = useHeapDeed('post', '/v1/penalties/{penalty_id}/appeal', { stale: ['/v1/penalties'] });
  return (
    <Stack gap="sm" align="flex-start">
      <Textarea
        label={TEXT.appeal_label}
        value={reason}
        maxLength={2_000}
        w="100%"
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={reason.trim() === ''}
        loading={appealing.isPending}
        onClick={() => appealing.mutate({ params: { path: { penalty_id } }, body: { reason } })}
      >
        {TEXT.appeal}
      </Button>
      {appealing.error && <Problem error={appealing.error} />}
    </Stack>
  );
}
