import { Anchor, Button, Group, Stack, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { JOB } from '../../text/jobs.en.js';
import { number } from '../../ui/format.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { saveAs } from '../save.js';

type Receipt = AnswerOf<'/v1/jobs/{job_id}/receipt', 'get'>;
const TEXT = JOB.receipt;

/** What was paid for, lease by lease, added up here once more. */
export function ReceiptPanel({ job_id }: { job_id: string }) {
  const receipt = useHeap('/v1/jobs/{job_id}/receipt', { params: { path: { job_id } } }, { topics: [`job:${job_id}`] });
  return <Loaded query={receipt}>{(found) => (found.lines.length === 0 ? <Empty {...TEXT.none} /> : <Lines receipt={found} />)}</Loaded>;
}

function Lines({ receipt }: { receipt: Receipt }) {
  const { currency, lines } = receipt;
  const sum = lines.reduce((all, { charge_micro }) => all + BigInt(charge_micro), 0n);
  const columns = TEXT.columns;
  const save = () => saveAs(new Blob([JSON.stringify(receipt, null, 2)], { type: 'application/json' }), `receipt-${receipt.job_id}.json`);
  return (
    <Stack gap="md">
      <Text>{TEXT.lead}</Text>
      <Table.ScrollContainer minWidth={640} aria-label={TEXT.table}>
        <Table striped>
          <Table.Caption>{TEXT.table}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{columns.lease}</Table.Th>
              <Table.Th>{columns.node}</Table.Th>
              <Table.Th>{columns.round}</Table.Th>
              <Table.Th ta="right">{columns.price}</Table.Th>
              <Table.Th ta="right">{columns.tasks}</Table.Th>
              <Table.Th ta="right">{columns.fuel}</Table.Th>
              <Table.Th ta="right">{columns.charge}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((line) => (
              <Table.Tr key={line.lease_id}>
                <Table.Td title={line.lease_id}>{line.lease_id.slice(-8)}</Table.Td>
                <Table.Td title={line.node_id}>{line.node_id.slice(-8)}</Table.Td>
                <Table.Td>
                  <Anchor
                    component={Link}
                    to="/market/rounds/$round_id"
                    params={{ round_id: line.round_id } as never}
                    title={line.round_id}
                  >
                    {line.round_id.slice(-8)}
                  </Anchor>
                </Table.Td>
                <Table.Td ta="right">
                  <Money micro={line.price_micro} currency={currency} />
                </Table.Td>
                <Table.Td ta="right">{number(line.tasks)}</Table.Td>
                <Table.Td ta="right">{number(Number(line.fuel))}</Table.Td>
                <Table.Td ta="right">
                  <Money micro={line.charge_micro} currency={currency} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
          <Table.Tfoot>
            <Table.Tr>
              <Table.Th colSpan={6}>{TEXT.sum}</Table.Th>
              <Table.Th ta="right">
                <Money micro={sum} currency={currency} />
              </Table.Th>
            </Table.Tr>
          </Table.Tfoot>
        </Table>
      </Table.ScrollContainer>
      <Text fw={600} c={sum === BigInt(receipt.charged_micro) ? undefined : 'var(--danger)'}>
        {sum === BigInt(receipt.charged_micro) ? TEXT.adds_up : TEXT.does_not}
      </Text>
      <Text>
        {TEXT.returned}: <Money micro={receipt.returned_micro} currency={currency} />, {TEXT.fee}:{' '}
        <Money micro={receipt.fee_micro} currency={currency} />. {TEXT.price_holds}
      </Text>
      <Group>
        <Button variant="default" onClick={save}>
          {TEXT.download}
        </Button>
      </Group>
    </Stack>
  );
}
