import { Code, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Page } from '../ui-kit/page.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { Part, Rows } from './part.js';
import { Tag } from './tag.js';

type Settings = AnswerOf<'/v1/admin/settings', 'get'>;

const TEXT = ADMIN.settings;

/** How the heap runs and is configured. */
export function SettingsPage() {
  const query = useHeap('/v1/admin/settings', {}, { topics: ['admin:glance'] });
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={query}>
        {(heap) => (
          <>
            <Text>
              {TEXT.runs(heap.version, heap.node_version)}. {TEXT.roles}: {heap.roles.join(', ')}.
            </Text>
            <div className={css.cards}>
              <Processes heap={heap} />
              <Queues heap={heap} />
            </div>
            <Variables settings={heap.settings} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

const Processes = ({ heap }: { heap: Settings }) => (
  <Part head={TEXT.gateways}>
    <Rows
      label={TEXT.gateways}
      columns={[ADMIN.people.columns.name, ADMIN.nodes.title, TEXT.seen, ADMIN.jobs.columns.state]}
      empty={TEXT.no_gateways}
      rows={heap.gateways.map((gateway) => [
        gateway.gateway_id,
        [
          gateway.name,
          gateway.nodes.toLocaleString(),
          <When key="at" at={gateway.seen_at} />,
          gateway.draining && (
            <Tag key="draining" color="yellow" variant="light">
              {TEXT.draining}
            </Tag>
          ),
        ],
      ])}
    />
    <Text fw={650}>{TEXT.leaders}</Text>
    <Rows
      label={TEXT.leaders}
      columns={[ADMIN.glance.market, ADMIN.glance.leader, ADMIN.list.what]}
      empty={ADMIN.glance.never}
      rows={heap.leaders.map(({ market, epoch, seen_at }) => [market, [market, <When key="at" at={seen_at} />, ADMIN.glance.leads(epoch)]])}
    />
  </Part>
);

const Queues = ({ heap }: { heap: Settings }) => (
  <Part head={TEXT.queues}>
    <Rows
      label={TEXT.queues}
      columns={[ADMIN.people.columns.name, ...Object.values(TEXT.queue_columns), TEXT.workers]}
      empty=""
      rows={heap.queues.map(({ name, counts, workers }) => [
        name,
        counts === null
          ? [name, TEXT.queue_silent, '', '', '', '']
          : [name, counts.waiting ?? 0, counts.active ?? 0, counts.delayed ?? 0, counts.failed ?? 0, workers ?? '–'],
      ])}
    />
  </Part>
);

function Variables({ settings }: { settings: Settings['settings'] }) {
  const [q, setQ] = useState('');
  const shown = settings.filter(({ variable, what }) => `${variable} ${what}`.toLowerCase().includes(q.trim().toLowerCase()));
  return (
    <Part head={TEXT.settings}>
      <TextInput label={TEXT.search} value={q} onChange={(event) => setQ(event.currentTarget.value)} maw={420} />
      <Rows
        label={TEXT.settings}
        columns={[TEXT.columns.variable, TEXT.columns.value, TEXT.columns.source, TEXT.columns.what]}
        empty={ADMIN.list.nothing.title}
        rows={shown.map(({ variable, what, value, secret, source }) => [
          variable,
          [
            <Code key="variable">{variable}</Code>,
            secret ? (
              <Tag key="value" color="gray">
                {TEXT.secret}
              </Tag>
            ) : (
              (value ?? TEXT.unset)
            ),
            TEXT.sources[source],
            what,
          ],
        ])}
      />
    </Part>
  );
}
