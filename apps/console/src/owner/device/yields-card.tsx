import { Card, Stack, Text, Title } from '@mantine/core';
import { Chart } from '../../charts/chart.js';
import { useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { absoluteTime } from '../../ui-kit/times.js';
import { milliseconds } from '../figures.js';

const TEXT = OWNER.device;

/** How fast the device was its owner's again, each time. */
export function YieldsCard({ node_id }: { node_id: string }) {
  const query = useHeap('/v1/nodes/{node_id}/yields', { params: { path: { node_id } } }, { topics: [`node:${node_id}`] });
  return (
    <Card withBorder component="section" aria-labelledby="yields">
      <Stack gap="sm">
        <Title order={2} size="h4" id="yields">
          {TEXT.yields}
        </Title>
        <Text c="dimmed">{TEXT.yields_lead}</Text>
        <Loaded query={query}>
          {({ times, yields }) => {
            if (times === null) return <Text>{TEXT.yields_none}</Text>;
            const label = TEXT.yields_chart(times.count, milliseconds(times.p50_ms), milliseconds(times.p99_ms));
            return (
              <Stack gap={4}>
                <Text fw={600}>{label}</Text>
                <Chart
                  label={label}
                  height={200}
                  option={{
                    tooltip: { trigger: 'axis', renderMode: 'richText' },
                    grid: { left: 8, right: 16, bottom: 8, top: 28, containLabel: true },
                    xAxis: { type: 'category', data: yields.map(({ at }) => absoluteTime(at)).reverse() },
                    yAxis: { type: 'value', name: 'ms' },
                    series: [{ name: TEXT.took, type: 'bar', data: yields.map(({ give_back_ms }) => give_back_ms).reverse() }],
                  }}
                  table={{
                    columns: [TEXT.at, TEXT.took, TEXT.why],
                    rows: yields.map(({ at, give_back_ms, reason }) => [absoluteTime(at), milliseconds(give_back_ms), reason.sentence]),
                  }}
                />
              </Stack>
            );
          }}
        </Loaded>
      </Stack>
    </Card>
  );
}
