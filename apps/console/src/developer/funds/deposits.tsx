import { Anchor, Badge, Button, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { ConfirmDeed } from '../../ui-kit/confirm-deed.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { When } from '../../ui-kit/when.js';

type Deposit = AnswerOf<'/v1/deposits', 'get'>['deposits'][number];
const TEXT = DEVELOPER.funds.deposits;
const LIMIT = 100;

/** What came in and what became of it; what is unspent can go back. */
export function Deposits({ currency }: { currency: string }) {
  const deposits = useHeap('/v1/deposits', { params: { query: { limit: LIMIT } } }, { topics: ['deposits', 'funds'] });
  const refunds = useHeap('/v1/refunds', { params: { query: { limit: LIMIT } } }, { topics: ['deposits', 'funds'] });
  return (
    <Stack gap="sm" component="section" aria-label={TEXT.title}>
      <Title order={2} size="h3">
        {TEXT.title}
      </Title>
      <Loaded query={deposits}>
        {(found) => (found.deposits.length === 0 ? <Empty {...TEXT.none} /> : <Rows deposits={found.deposits} currency={currency} />)}
      </Loaded>
      {refunds.data && refunds.data.refunds.length > 0 && (
        <Stack gap={4}>
          <Title order={3} size="h4">
            {DEVELOPER.funds.refunds.title}
          </Title>
          {refunds.data.refunds.map((refund) => (
            <Text key={refund.refund_id}>
              <Money micro={refund.amount_micro} currency={currency} />: {DEVELOPER.funds.refunds.states[refund.state]},{' '}
              <When at={refund.created_at} />.{' '}
              <Text span size="sm" c="dimmed">
                {refund.reason.sentence}
              </Text>
            </Text>
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function Rows({ deposits, currency }: { deposits: readonly Deposit[]; currency: string }) {
  const [asked, setAsked] = useState<Deposit | null>(null);
  const refund = useHeapDeed('post', '/v1/deposits/{deposit_id}/refunds', {
    stale: ['/v1/deposits', '/v1/refunds', '/v1/funds', '/v1/balance'],
  });
  const close = () => {
    setAsked(null);
    refund.reset();
  };
  const go = (deposit_id: string) =>
    refund.mutate({ params: { path: { deposit_id }, header: { 'Idempotency-Key': crypto.randomUUID() } }, body: {} }, { onSuccess: close });
  return (
    <>
      <Table.ScrollContainer minWidth={640} aria-label={TEXT.title}>
        <Table striped>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{TEXT.columns.at}</Table.Th>
              <Table.Th ta="right">{TEXT.columns.amount}</Table.Th>
              <Table.Th>{TEXT.columns.state}</Table.Th>
              <Table.Th ta="right">{TEXT.columns.back}</Table.Th>
              <Table.Th>{TEXT.columns.why}</Table.Th>
              <Table.Td />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {deposits.map((deposit) => (
              <Table.Tr key={deposit.deposit_id}>
                <Table.Td>
                  <When at={deposit.created_at} />
                </Table.Td>
                <Table.Td ta="right">
                  <Money micro={deposit.amount_micro} currency={currency} />
                </Table.Td>
                <Table.Td>
                  <Badge variant="light" color={deposit.state === 'SUCCEEDED' ? 'heap' : 'gray'}>
                    {TEXT.states[deposit.state]}
                  </Badge>
                </Table.Td>
                <Table.Td ta="right">
                  <Money micro={deposit.refunded_micro} currency={currency} />
                </Table.Td>
                <Table.Td>
                  <Text size="sm">{deposit.reason.sentence}</Text>
                </Table.Td>
                <Table.Td>
                  {deposit.url && <Anchor href={deposit.url}>{TEXT.pay}</Anchor>}
                  {deposit.state === 'SUCCEEDED' && BigInt(deposit.refunded_micro) < BigInt(deposit.amount_micro) && (
                    <Button variant="subtle" size="sm" onClick={() => setAsked(deposit)}>
                      {TEXT.refund}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <ConfirmDeed
        opened={asked !== null}
        title={TEXT.refund_title}
        sentence={TEXT.refund_sentence}
        deed={TEXT.refund_yes}
        keep={TEXT.keep}
        pending={refund.isPending}
        error={refund.error}
        onDeed={() => asked && go(asked.deposit_id)}
        onClose={close}
      />
    </>
  );
}
