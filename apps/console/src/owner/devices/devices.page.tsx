import { Button, Checkbox, Stack, Text, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { type Column, DataTable } from '../../ui-kit/data-table.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { percent, speed } from '../figures.js';
import { Presence, presenceText } from '../presence.js';
import type { OwnNode } from '../types.js';
import { DeviceCard } from './device-card.js';
import css from './devices.module.css';
import { FirstDevice } from './first-device.js';
import { FleetBar } from './fleet-bar.js';

const TEXT = OWNER.devices;

const matches = (node: OwnNode, words: string) =>
  [node.name, node.kind, presenceText(node), node.reason.sentence, ...node.groups]
    .join(' ')
    .toLowerCase()
    .includes(words.trim().toLowerCase());

/** Cards on a phone, a table on a wide screen; what is chosen can be dealt with together. */
export function DevicesPage() {
  const nodes = useHeap('/v1/nodes', {}, { topics: ['nodes'] });
  const history = useHeap('/v1/earnings/history', {}, { topics: ['earnings'] });
  const wide = useMediaQuery('(min-width: 62em)') ?? false;
  const [words, setWords] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const today = (node_id: string) => {
    const micro = history.data?.nodes.find((node) => node.node_id === node_id)?.today_micro ?? '0';
    return history.data ? <Money micro={micro} currency={history.data.currency} /> : '–';
  };
  const choose = (node_id: string, on: boolean) =>
    setChosen((now) => new Set([...now].filter((id) => id !== node_id).concat(on ? [node_id] : [])));
  return (
    <Page
      title={TEXT.title}
      lead={TEXT.lead}
      deeds={
        <Button component={Link} to="/owner/add">
          {TEXT.add}
        </Button>
      }
    >
      <Loaded query={nodes}>
        {({ nodes: all }) => {
          if (all.length === 0) return <FirstDevice />;
          const shown = all.filter((node) => matches(node, words));
          const box = (node: OwnNode) => (
            <Checkbox
              aria-label={TEXT.select(node.name)}
              checked={chosen.has(node.id)}
              onChange={(event) => choose(node.id, event.currentTarget.checked)}
            />
          );
          return (
            <Stack gap="md">
              <TextInput label={TEXT.filter} value={words} onChange={(event) => setWords(event.currentTarget.value)} maw={420} />
              <Checkbox
                label={TEXT.select_all}
                checked={shown.length > 0 && shown.every(({ id }) => chosen.has(id))}
                onChange={(event) => setChosen(new Set(event.currentTarget.checked ? shown.map(({ id }) => id) : []))}
              />
              {chosen.size > 0 && <FleetBar nodes={all.filter(({ id }) => chosen.has(id))} done={() => setChosen(new Set())} />}
              {shown.length === 0 && <Text>{TEXT.none}</Text>}
              {wide ? (
                <DataTable label={TEXT.list} columns={columns(today, box)} rows={shown} rowKey={({ id }) => id} />
              ) : (
                <ul className={css.cards} aria-label={TEXT.list}>
                  {shown.map((node) => (
                    <li key={node.id}>
                      <DeviceCard node={node} today={today(node.id)} choice={box(node)} />
                    </li>
                  ))}
                </ul>
              )}
            </Stack>
          );
        }}
      </Loaded>
    </Page>
  );
}

const columns = (today: (node_id: string) => React.ReactNode, box: (node: OwnNode) => React.ReactNode): Column<OwnNode>[] => [
  {
    key: 'name',
    label: TEXT.columns.device,
    width: 16,
    cell: (node) => (
      <span className={css.name}>
        {box(node)}
        <Link to="/owner/devices/$id" params={{ id: node.id }}>
          {node.name}
        </Link>
        <Text component="span" size="sm" c="dimmed">
          {OWNER.kinds[node.kind]}
        </Text>
      </span>
    ),
  },
  { key: 'state', label: TEXT.columns.state, width: 11, cell: (node) => <Presence node={node} /> },
  { key: 'doing', label: TEXT.columns.doing, width: 14, cell: (node) => node.work[0]?.doing ?? node.reason.sentence },
  { key: 'today', label: TEXT.columns.today, width: 7, numeric: true, cell: (node) => today(node.id) },
  { key: 'speed', label: TEXT.columns.speed, width: 8.5, numeric: true, cell: speed },
  {
    key: 'battery',
    label: TEXT.columns.battery,
    width: 5.5,
    numeric: true,
    cell: ({ readings }) => (readings?.battery == null ? '–' : percent(readings.battery)),
  },
];
