import { Anchor, Button, SegmentedControl, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { BarRows } from '../charts/bar-rows.js';
import { ChartFrame } from '../charts/chart-frame.js';
import { ADMIN } from '../text/admin.en.js';
import { Empty } from '../ui-kit/empty.js';
import css from './admin.module.css';
import { presenceBars } from './charts.js';
import { Figure } from './figure.js';
import { HeapLink } from './heap-link.js';
import { Part } from './part.js';
import type { Glance } from './shapes.js';

const TEXT = ADMIN.glance;
/** Of its table. */
const TABLE_PX = 260;

/** Devices by kind or region and presence, and which versions they run. */
export function NodesPart({ now: { nodes, figures, at } }: { now: Glance }) {
  const [by, setBy] = useState<'kind' | 'region'>('kind');
  const drawing = useMemo(() => presenceBars(nodes.groups, by), [nodes.groups, by]);
  const of = (presence: string) => nodes.groups.reduce((sum, group) => (group.presence === presence ? sum + group.nodes : sum), 0);
  if (nodes.enrolled === 0)
    return (
      <Part head={TEXT.nodes}>
        <Empty title={TEXT.no_nodes.title} sentence={TEXT.no_nodes.sentence}>
          <Button component="a" href="/join" variant="default">
            {TEXT.no_nodes.go}
          </Button>
        </Empty>
      </Part>
    );
  const name = by === 'kind' ? TEXT.by_kind : TEXT.by_region;
  const label = TEXT.presence_chart(name.toLowerCase(), nodes.connected, nodes.enrolled);
  return (
    <Part
      head={TEXT.nodes}
      deeds={
        <SegmentedControl
          aria-label={TEXT.nodes}
          value={by}
          onChange={(value) => setBy(value as typeof by)}
          data={[
            { value: 'kind', label: TEXT.by_kind },
            { value: 'region', label: TEXT.by_region },
          ]}
        />
      }
    >
      <div className={css.figures}>
        <Figure name={TEXT.names.nodes_enrolled} of={figures.nodes_enrolled} at={at}>
          {nodes.enrolled.toLocaleString()}
        </Figure>
        <Figure name={TEXT.names.nodes_connected} of={figures.nodes_connected} at={at}>
          {nodes.connected.toLocaleString()}
        </Figure>
        <Figure name={TEXT.names.nodes_busy} of={figures.nodes_busy} at={at}>
          {of('busy').toLocaleString()}
        </Figure>
        <Figure name={TEXT.names.nodes_paused} of={figures.nodes_paused} at={at}>
          {of('paused').toLocaleString()}
        </Figure>
      </div>
      <ChartFrame label={label} table={() => drawing.table} height={TABLE_PX}>
        <BarRows label={label} bars={drawing.bars} legend={drawing.legend} />
      </ChartFrame>
      <Text size="sm">
        {TEXT.versions}:{' '}
        {nodes.versions.map(({ version, nodes: count }, i) => (
          <span key={version ?? ''}>
            {i > 0 && ', '}
            {version === null ? (
              TEXT.version_unknown
            ) : (
              <HeapLink page={`/admin/nodes?version=${encodeURIComponent(version)}`}>{version}</HeapLink>
            )}{' '}
            ({count.toLocaleString()})
          </span>
        ))}
      </Text>
      <Text size="sm">
        <Anchor component="span" c="inherit" underline="never">
          <HeapLink page="/admin/nodes">{ADMIN.person.all_nodes}</HeapLink>
        </Anchor>
      </Text>
    </Part>
  );
}
