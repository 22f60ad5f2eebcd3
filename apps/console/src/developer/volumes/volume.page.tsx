import { Alert, Anchor, Badge, Button, Card, Group, List, Stack, Text, Title } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { VOLUMES } from '../../text/volumes.en.js';
import { bytes } from '../../ui/format.js';
import { ConfirmDeed } from '../../ui-kit/confirm-deed.js';
import { Facts } from '../../ui-kit/facts.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import { useCurrency } from '../use-currency.js';
import { Files } from './files.js';
import { Pieces } from './pieces.js';
import { PutFile } from './put-file.js';

type Volume = AnswerOf<'/v1/volumes/{volume_id}', 'get'>;
const route = getRouteApi('/developer/volumes/$id');
const TEXT = VOLUMES.one;

/** One volume: its health drawn, what it costs, what it is worth in words, and its files. */
export function VolumePage() {
  const { id } = route.useParams();
  const query = useHeap('/v1/volumes/{volume_id}', { params: { path: { volume_id: id } } }, { topics: ['volumes'] });
  return (
    <Loaded query={query}>
      {(volume) => (
        <Page
          title={volume.name || VOLUMES.unnamed}
          lead={
            <Group gap="sm" component="span">
              <Badge variant="light" color={volume.state === 'READY' ? 'heap' : 'gray'} component="span">
                {VOLUMES.list.states[volume.state]}
              </Badge>
              <Text component="span" size="sm">
                {VOLUMES.classes[volume.class]}
              </Text>
              <Reason reason={volume.reason} />
            </Group>
          }
          deeds={<Deeds volume={volume} />}
        >
          <Figures volume={volume} />
          <Health volume={volume} />
          {volume.state === 'READY' && <PutFile volume_id={id} />}
          <Files volume_id={id} />
        </Page>
      )}
    </Loaded>
  );
}

function Deeds({ volume: { id, state } }: { volume: Volume }) {
  const [asked, setAsked] = useState(false);
  const end = useHeapDeed('delete', '/v1/volumes/{volume_id}', { stale: ['/v1/volumes', '/v1/volumes/{volume_id}', '/v1/funds'] });
  const close = () => {
    setAsked(false);
    end.reset();
  };
  return (
    <Group gap="sm">
      <Anchor component={Link} to="/developer/volumes">
        {TEXT.back}
      </Anchor>
      {state !== 'ENDED' && (
        <Button variant="default" onClick={() => setAsked(true)}>
          {TEXT.end}
        </Button>
      )}
      <ConfirmDeed
        opened={asked}
        title={TEXT.end_title}
        sentence={TEXT.end_sentence}
        deed={TEXT.end}
        keep={TEXT.keep}
        danger
        pending={end.isPending}
        error={end.error}
        onDeed={() => end.mutate({ params: { path: { volume_id: id } } }, { onSuccess: close })}
        onClose={close}
      />
    </Group>
  );
}

function Figures({ volume }: { volume: Volume }) {
  const { currency } = useCurrency();
  const { reserved, devices } = volume;
  const when = (at: string | null) => (at === null ? TEXT.never : <When at={at} />);
  return (
    <Facts
      rows={[
        [TEXT.facts.charged, <Money key="charged" micro={volume.charged_micro} currency={currency} />],
        [TEXT.facts.budget, <Money key="budget" micro={volume.budget_micro} currency={currency} />],
        [TEXT.facts.space, TEXT.facts.space_of(reserved.leased, reserved.wanted)],
        [TEXT.facts.devices, VOLUMES.list.devices(devices.independent, devices.wanted)],
        [TEXT.facts.audited, when(volume.audited_at)],
        [TEXT.facts.oldest, when(volume.oldest_audit_at)],
        [TEXT.facts.repaired, bytes(volume.repaired_bytes)],
        [TEXT.facts.made, <When key="made" at={volume.created_at} />],
      ]}
    />
  );
}

function Health({ volume: { pieces, least, segments, durability } }: { volume: Volume }) {
  return (
    <Card withBorder component="section" aria-labelledby="health">
      <Stack gap="sm">
        <Title order={2} size="h4" id="health">
          {TEXT.health}
        </Title>
        {segments.stored === 0 && <Text>{TEXT.empty}</Text>}
        {Object.values(pieces).some((count) => count > 0) && <Pieces counts={pieces} />}
        {least && <Text>{TEXT.margin(least.above_k, least.above_repair)}</Text>}
        {segments.repairing > 0 && <Text>{TEXT.repairing(segments.repairing)}</Text>}
        {segments.lost > 0 && <Alert color="red" title={TEXT.lost(segments.lost)} />}
        <Title order={3} size="h5">
          {TEXT.durability}
        </Title>
        <Text maw={720}>{durability.sentence}</Text>
        <Said title={TEXT.assumptions} sentences={durability.assumptions} />
        <Said title={TEXT.doubts} sentences={durability.doubts} />
      </Stack>
    </Card>
  );
}

const Said = ({ title, sentences }: { title: string; sentences: readonly string[] }) =>
  sentences.length > 0 && (
    <div>
      <Text size="sm" c="dimmed">
        {title}
      </Text>
      <List size="sm" listStyleType="disc">
        {sentences.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </div>
  );
