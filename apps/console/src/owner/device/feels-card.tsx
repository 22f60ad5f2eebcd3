import { Card, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Chart } from '../../charts/chart.js';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { absoluteTime } from '../../ui-kit/times.js';
import { When } from '../../ui-kit/when.js';
import { percent, speed } from '../figures.js';
import type { OwnNode } from '../types.js';

const TEXT = OWNER.device;
type Samples = AnswerOf<'/v1/nodes/{node_id}/readings', 'get'>['readings'];

const Fact = ({ label, children }: { label: string; children: ReactNode }) => (
  <div>
    <Text size="sm" c="dimmed">
      {label}
    </Text>
    <Text fw={600}>{children}</Text>
  </div>
);

/** Speed, slots, and what it feels: with the age of what it said. */
export function FeelsCard({ node }: { node: OwnNode }) {
  const { readings } = node;
  const day = useHeap('/v1/nodes/{node_id}/readings', { params: { path: { node_id: node.id } } }, { topics: [`node:${node.id}`] });
  return (
    <Card withBorder component="section" aria-labelledby="feels">
      <Stack gap="sm">
        <Title order={2} size="h4" id="feels">
          {TEXT.feels}
        </Title>
        <SimpleGrid cols={{ base: 2, sm: 3 }}>
          <Fact label={TEXT.speed}>{speed(node)}</Fact>
          <Fact label={TEXT.slots}>
            {node.slots.length === 0 ? TEXT.no_slots : node.slots.map((s) => TEXT.slots_used(s.leased, s.count, s.slot_class)).join(', ')}
          </Fact>
          <Fact label={TEXT.battery}>
            {readings?.battery == null ? TEXT.unknown : percent(readings.battery)}
            {readings?.charging != null && `, ${readings.charging ? TEXT.charging : TEXT.on_battery}`}
          </Fact>
          <Fact label={TEXT.temperature}>
            {readings?.temperature_c == null ? TEXT.unknown : `${Math.round(readings.temperature_c)} °C`}
          </Fact>
          <Fact label={TEXT.load}>{readings?.load == null ? TEXT.unknown : readings.load.toFixed(2)}</Fact>
          <Fact label={TEXT.network}>{readings?.metered == null ? TEXT.unknown : readings.metered ? TEXT.metered : TEXT.unmetered}</Fact>
          <Fact label={TEXT.agent}>{node.agent_version ?? '–'}</Fact>
          <Fact label={TEXT.joined}>
            <When at={node.enrolled_at} />
          </Fact>
          {node.last_seen_at && (
            <Fact label={TEXT.last_seen}>
              <When at={node.last_seen_at} />
            </Fact>
          )}
        </SimpleGrid>
        {readings && (
          <Text size="sm" c="dimmed">
            {TEXT.said} <When at={readings.at} />
          </Text>
        )}
        {day.data && day.data.readings.length > 1 && <Day samples={day.data.readings} />}
      </Stack>
    </Card>
  );
}

const Day = ({ samples }: { samples: Samples }) => (
  <Chart
    label={TEXT.day_chart}
    height={200}
    option={{
      tooltip: { trigger: 'axis', renderMode: 'richText' },
      legend: { top: 0, bottom: 'auto' },
      grid: { left: 8, right: 8, bottom: 8, top: 36, containLabel: true },
      xAxis: { type: 'time' },
      yAxis: [{ type: 'value', max: 100 }, { type: 'value' }],
      series: [
        {
          name: `${TEXT.battery} %`,
          type: 'line',
          showSymbol: false,
          data: samples.map((s) => [s.at, s.battery === null ? null : s.battery * 100]),
        },
        {
          name: `${TEXT.temperature} °C`,
          type: 'line',
          showSymbol: false,
          yAxisIndex: 1,
          data: samples.map((s) => [s.at, s.temperature_c]),
        },
      ],
    }}
    table={{
      columns: [TEXT.at, TEXT.battery, TEXT.temperature],
      rows: samples.map((s) => [
        absoluteTime(s.at),
        s.battery === null ? '–' : percent(s.battery),
        s.temperature_c === null ? '–' : `${Math.round(s.temperature_c)} °C`,
      ]),
    }}
  />
);
