import { Badge, Button, Card, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { number } from '../../ui/format.js';
import { Empty } from '../../ui-kit/empty.js';
import { Facts } from '../../ui-kit/facts.js';
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
  const nodes = useHeap('/v1/nodes', {});
  const names = new Map(nodes.data?.nodes.map(({ id, name }) => [id, name]));
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={penalties}>
        {({ penalties: all }) =>
          all.length === 0 ? (
            <Empty title={TEXT.none} sentence={TEXT.none_sentence} />
          ) : (
            <Stack gap="md">
              {all.map((penalty) => (
                <One
                  key={penalty.penalty_id}
                  penalty={penalty}
                  currency={earnings.data?.currency ?? null}
                  device={names.get(penalty.node_id) ?? `…${penalty.node_id.slice(-8)}`}
                />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}

function One({ penalty, currency, device }: { penalty: Penalty; currency: string | null; device: string }) {
  const { appeal, appeal_by, decision, evidence, lapses_at } = penalty;
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
        <Facts
          rows={[
            [
              TEXT.facts.device,
              <Link key="device" to="/owner/devices/$id" params={{ id: penalty.node_id }}>
                {device}
              </Link>,
            ],
            [TEXT.facts.since, <When key="since" at={penalty.created_at} />],
            [
              TEXT.facts.lapses,
              penalty.state === 'ACTIVE' ? lapses_at ? <When key="lapses" at={lapses_at} /> : TEXT.lapses[penalty.kind] : null,
            ],
            [TEXT.facts.cost, currency && <Money key="cost" micro={penalty.voided_micro} currency={currency} />],
          ]}
        />
        {evidence && <Evidence evidence={evidence} />}
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
        {appeal_by === null ? (
          <Text size="sm" c="dimmed">
            {penalty.how_to_appeal}
          </Text>
        ) : (
          <Appeal penalty_id={penalty.penalty_id} by={appeal_by} />
        )}
      </Stack>
    </Card>
  );
}

/** What the device said of the task, and what the heap's own run came to: where they differ is what the penalty is for. */
function Evidence({ evidence: { index, job_id, said, right } }: { evidence: NonNullable<Penalty['evidence']> }) {
  const claims = [
    [TEXT.said, said],
    [TEXT.right, right],
  ] as const;
  return (
    <Stack gap={4}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {TEXT.facts.task} {TEXT.task(index)} <code>{job_id}</code>
      </Text>
      {claims.map(
        ([who, claim]) =>
          claim && (
            <Text key={who} size="sm">
              {who}: {TEXT.claim(claim.verdict, number(claim.fuel_used))} <code>{claim.output_hash.slice(0, 12)}…</code>
            </Text>
          ),
      )}
    </Stack>
  );
}

function Appeal({ penalty_id, by }: { penalty_id: string; by: string }) {
  const [reason, setReason] = useState('');
  const appealing = useHeapDeed('post', '/v1/penalties/{penalty_id}/appeal', { stale: ['/v1/penalties'] });
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm">
        {TEXT.facts.appeal_by} <When at={by} absolute />. {TEXT.how}
      </Text>
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
