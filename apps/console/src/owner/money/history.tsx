import { SimpleGrid, Stack, Table, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Chart } from '../../charts/chart.js';
import { useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { moneyParts } from '../../ui/format.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';

const TEXT = OWNER.earnings;

/** What was earned by day and by device. */
export function History() {
  const history = useHeap('/v1/earnings/history', {}, { topics: ['earnings'] });
  return (
    <Loaded query={history}>
      {({ days, nodes, currency }) =>
        nodes.length > 0 && (
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            <Stack gap="sm">
              <Title order={2} size="h4">
                {TEXT.by_day}
              </Title>
              <Chart
                label={TEXT.by_day_chart(days.length)}
                option={{
                  tooltip: { trigger: 'axis', renderMode: 'richText' },
                  grid: { left: 8, right: 8, bottom: 8, top: 28, containLabel: true },
                  xAxis: { type: 'category', data: days.map(({ day }) => day.slice(5)) },
                  yAxis: { type: 'value', name: currency },
                  series: [{ name: TEXT.earned, type: 'bar', data: days.map(({ earned_micro }) => Number(earned_micro) / 1e6) }],
                }}
                table={{
                  columns: [TEXT.day, TEXT.earned],
                  rows: days.map(({ day, earned_micro }) => [day, moneyParts(BigInt(earned_micro), currency).whole]),
                }}
              />
            </Stack>
            <Stack gap="sm">
              <Title order={2} size="h4">
                {TEXT.by_device}
              </Title>
              <Table>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{TEXT.device}</Table.Th>
                    <Table.Th>{TEXT.today}</Table.Th>
                    <Table.Th>{TEXT.month}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {nodes.map((node) => (
                    <Table.Tr key={node.node_id}>
                      <Table.Td>
                        <Link to="/owner/devices/$id" params={{ id: node.node_id }}>
                          {node.name}
                        </Link>
                      </Table.Td>
                      <Table.Td>
                        <Money micro={node.today_micro} currency={currency} />
                      </Table.Td>
                      <Table.Td>
                        <Money micro={node.earned_micro} currency={currency} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Stack>
          </SimpleGrid>
        )
      }
    </Loaded>
  );
}
