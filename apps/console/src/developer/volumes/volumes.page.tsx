import { Anchor, Badge, Button, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { AnswerOf } from '../../http/use-heap.js';
import { VOLUMES } from '../../text/volumes.en.js';
import { bytes } from '../../ui/format.js';
import { type Column, DataTable } from '../../ui-kit/data-table.js';
import { Empty } from '../../ui-kit/empty.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { Listed } from '../listed.js';
import { useCurrency } from '../use-currency.js';
import { usePages } from '../use-pages.js';
import { Buying } from './buying.js';
import { OpenFile } from './open-file.js';

type Volume = AnswerOf<'/v1/volumes', 'get'>['volumes'][number];
const TEXT = VOLUMES.list;
const LIMIT = 50;

/** The volumes, what they wait for, and the ways to a new one and into a file. */
export function VolumesPage() {
  const { currency } = useCurrency();
  const [shown, setShown] = useState<'buying' | 'open' | null>(null);
  const volumes = usePages('/v1/volumes', {
    limit: LIMIT,
    topics: ['volumes'],
    init: (last: Volume | null) => ({ params: { query: { limit: LIMIT, ...(last && { before: last.id }) } } }),
    rows: (answer) => answer.volumes,
  });
  const columns: Column<Volume>[] = [
    {
      key: 'name',
      label: TEXT.columns.name,
      width: 11,
      cell: ({ id, name }) => (
        <Anchor component={Link} to={`/developer/volumes/${id}`}>
          {name || VOLUMES.unnamed}
        </Anchor>
      ),
    },
    {
      key: 'state',
      label: TEXT.columns.state,
      width: 7,
      cell: ({ state }) => (
        <Badge variant="light" color={state === 'READY' ? 'heap' : 'gray'}>
          {TEXT.states[state]}
        </Badge>
      ),
    },
    { key: 'class', label: TEXT.columns.class, width: 7, cell: (row) => row.class },
    {
      key: 'devices',
      label: TEXT.columns.devices,
      width: 7,
      numeric: true,
      cell: ({ devices }) => TEXT.devices(devices.independent, devices.wanted),
    },
    { key: 'files', label: TEXT.columns.files, width: 6, numeric: true, cell: ({ files }) => files.toLocaleString('en') },
    { key: 'bytes', label: TEXT.columns.bytes, width: 8, numeric: true, cell: (row) => bytes(row.bytes) },
    { key: 'charged', label: TEXT.columns.charged, numeric: true, cell: (row) => <Money micro={row.charged_micro} currency={currency} /> },
    {
      key: 'why',
      label: TEXT.columns.why,
      width: 14,
      cell: ({ reason }) => <span title={`${reason.sentence} (${reason.code})`}>{reason.sentence}</span>,
    },
  ];
  const close = () => setShown(null);
  return (
    <Page
      title={TEXT.title}
      lead={TEXT.lead}
      deeds={
        <Group gap="sm">
          <Button variant="default" onClick={() => setShown('open')}>
            {TEXT.open}
          </Button>
          <Button onClick={() => setShown('buying')}>{TEXT.buy}</Button>
        </Group>
      }
    >
      <Listed pages={volumes} empty={<Empty {...TEXT.none} />}>
        <DataTable label={TEXT.table} columns={columns} rows={volumes.rows} rowKey={({ id }) => id} more={volumes.more} />
      </Listed>
      <Buying opened={shown === 'buying'} onClose={close} currency={currency} />
      <OpenFile opened={shown === 'open'} onClose={close} />
    </Page>
  );
}
