import { Button, Card, Group, List, Modal, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, type Init, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { HOLD_TIMES, holdMs } from '../device/hold-card.js';
import { microOf } from '../money-text.js';
import { said } from '../said.js';
import { Sure } from '../sure.js';
import { NODES_STALE, type OwnNode } from '../types.js';

const TEXT = OWNER.fleet;
type Deed = Exclude<Init<'/v1/fleet', 'post'>, undefined>['body']['deed'];
type Result = AnswerOf<'/v1/fleet', 'post'>['results'][number];

/** What can be done to the chosen devices, and what did not work. */
export function FleetBar({ nodes, done }: { nodes: readonly OwnNode[]; done: () => void }) {
  const [asking, setAsking] = useState<'price' | 'groups' | null>(null);
  const [time, setTime] = useState('3600000');
  const [failed, setFailed] = useState<readonly Result[]>([]);
  const fresh = useHeap('/v1/device-rules', {});
  const acting = useHeapDeed('post', '/v1/fleet', { stale: [...NODES_STALE, '/v1/nodes/{node_id}/reserve-price'] });
  const act = (deed: Deed) => {
    setAsking(null);
    acting.mutate(
      { body: { node_ids: nodes.map(({ id }) => id), deed } },
      {
        onSuccess: ({ results }) => {
          const refused = results.filter(({ ok }) => !ok);
          setFailed(refused);
          if (refused.length > 0) return;
          said(TEXT.all_done);
          if (deed.do === 'revoke') done();
        },
      },
    );
  };
  const rules = fresh.data?.rules;
  return (
    <Card withBorder component="section" aria-label={TEXT.chosen(nodes.length)}>
      <Stack gap="sm">
        <Text fw={600}>{TEXT.chosen(nodes.length)}</Text>
        <Group gap="sm" align="flex-end">
          <Select
            label={OWNER.hold.how_long}
            data={HOLD_TIMES}
            value={time}
            allowDeselect={false}
            onChange={(value) => value && setTime(value)}
          />
          <Button loading={acting.isPending} onClick={() => act({ do: 'hold', for_ms: holdMs(time) })}>
            {TEXT.hold}
          </Button>
          <Button variant="default" onClick={() => act({ do: 'release' })}>
            {TEXT.release}
          </Button>
          <Button variant="default" onClick={() => setAsking('price')}>
            {TEXT.price}
          </Button>
          <Button variant="default" onClick={() => setAsking('groups')}>
            {TEXT.groups}
          </Button>
          <Button
            variant="default"
            disabled={!rules}
            title={rules ? undefined : TEXT.rules_none}
            onClick={() => rules && act({ do: 'rules', rules })}
          >
            {TEXT.rules}
          </Button>
          <Sure label={TEXT.revoke} sentence={TEXT.sure(nodes.length)} onSure={() => act({ do: 'revoke' })} />
        </Group>
        {acting.error && <Problem error={acting.error} />}
        {failed.length > 0 && (
          <div role="alert">
            <Text>{TEXT.failed(failed.length)}</Text>
            <List size="sm">
              {failed.map(({ node_id, reason }) => (
                <List.Item key={node_id}>
                  {nodes.find(({ id }) => id === node_id)?.name ?? node_id}: <Reason reason={reason} />
                </List.Item>
              ))}
            </List>
          </div>
        )}
        {asking === 'price' && <AskPrice act={act} close={() => setAsking(null)} />}
        {asking === 'groups' && <AskGroups act={act} close={() => setAsking(null)} />}
      </Stack>
    </Card>
  );
}

interface Asking {
  act: (deed: Deed) => void;
  close: () => void;
}

function AskPrice({ act, close }: Asking) {
  const [price, setPrice] = useState('');
  const micro = microOf(price);
  return (
    <Modal opened onClose={close} title={TEXT.price} closeButtonProps={{ 'aria-label': TEXT.cancel }}>
      <Stack gap="md">
        <TextInput
          label={TEXT.price_label}
          description={TEXT.price_help}
          inputMode="decimal"
          value={price}
          error={micro === undefined ? OWNER.money_wrong : undefined}
          onChange={(event) => setPrice(event.currentTarget.value)}
        />
        <Button disabled={micro === undefined} onClick={() => micro !== undefined && act({ do: 'price', price_micro: micro })}>
          {TEXT.go}
        </Button>
      </Stack>
    </Modal>
  );
}

function AskGroups({ act, close }: Asking) {
  const [groups, setGroups] = useState<string[]>([]);
  return (
    <Modal opened onClose={close} title={TEXT.groups} closeButtonProps={{ 'aria-label': TEXT.cancel }}>
      <Stack gap="md">
        <TagsInput
          label={TEXT.groups_label}
          description={TEXT.groups_help}
          value={groups}
          maxTags={16}
          onChange={(words) => setGroups(words.map((word) => word.toLowerCase()))}
        />
        <Button onClick={() => act({ do: 'groups', groups })}>{TEXT.go}</Button>
      </Stack>
    </Modal>
  );
}
