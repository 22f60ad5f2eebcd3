import { Card, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { VOLUMES } from '../../text/volumes.en.js';
import { bytes, percent } from '../../ui/format.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { When } from '../../ui-kit/when.js';

type Storage = AnswerOf<'/v1/nodes/{node_id}/storage', 'get'>;
const TEXT = VOLUMES.device;

/** What the device keeps of other people's files, what that earned, and how far it is believed. */
export function StorageCard({ node_id }: { node_id: string }) {
  const { data: heap } = useHeap('/v1/heap', {});
  const query = useHeap('/v1/nodes/{node_id}/storage', { params: { path: { node_id } } }, { topics: [`node:${node_id}`] });
  return (
    <Card withBorder component="section" aria-labelledby="storage">
      <Stack gap="sm">
        <Title order={2} size="h4" id="storage">
          {TEXT.title}
        </Title>
        <Text c="dimmed">{TEXT.lead}</Text>
        <Loaded query={query}>{(storage) => <Figures storage={storage} currency={heap?.currency ?? 'USD'} />}</Loaded>
      </Stack>
    </Card>
  );
}

function Figures({ storage, currency }: { storage: Storage; currency: string }) {
  const { quota, audits, scores, vetted_at } = storage;
  const asked = audits.passed + audits.failed + audits.unanswered;
  if ((quota === null || quota.bytes + quota.free_bytes === 0) && storage.pieces === 0) return <Text>{TEXT.none}</Text>;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 2, sm: 3 }}>
        {quota && <Fact label={TEXT.space}>{TEXT.space_of(bytes(quota.bytes), bytes(quota.bytes + quota.free_bytes))}</Fact>}
        <Fact label={TEXT.pieces}>{storage.pieces.toLocaleString('en')}</Fact>
        <Fact label={TEXT.for}>{TEXT.for_of(storage.volumes, storage.people)}</Fact>
        <Fact label={TEXT.earned}>
          <Money micro={storage.earned_micro} currency={currency} />
        </Fact>
        <Fact label={TEXT.audits}>{TEXT.audits_of(audits.passed, asked)}</Fact>
        {audits.last_at && (
          <Fact label={TEXT.last}>
            <When at={audits.last_at} />
          </Fact>
        )}
        <Fact label={TEXT.trust}>{percent(scores.corruption)}</Fact>
        <Fact label={TEXT.online}>{percent(scores.online)}</Fact>
        {vetted_at && (
          <Fact label={TEXT.vetted}>
            <When at={vetted_at} />
          </Fact>
        )}
      </SimpleGrid>
      {vetted_at === null && <Text size="sm">{TEXT.new}</Text>}
      {storage.leaving > 0 && <Text size="sm">{TEXT.leaving(storage.leaving)}</Text>}
    </Stack>
  );
}

const Fact = ({ label, children }: { label: string; children: ReactNode }) => (
  <div>
    <Text size="sm" c="dimmed">
      {label}
    </Text>
    <Text fw={600} component="div">
      {children}
    </Text>
  </div>
);
