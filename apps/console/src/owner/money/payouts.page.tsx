import { Badge, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import { AskPayout } from './ask-payout.js';
import { BankAccount } from './bank-account.js';
import { PayoutTerms } from './payout-terms.js';

const TEXT = OWNER.payouts;
type Payout = AnswerOf<'/v1/payouts', 'get'>['payouts'][number];

/** Money out: asking for it, the bank, the terms, and what became of each payout. */
export function PayoutsPage() {
  const earnings = useHeap('/v1/earnings', {}, { topics: ['earnings', 'payouts'] });
  const payouts = useHeap('/v1/payouts', {}, { topics: ['payouts'] });
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={earnings}>
        {(data) => (
          <>
            <SimpleGrid cols={{ base: 1, lg: 3 }}>
              <AskPayout earnings={data} />
              <BankAccount />
              <PayoutTerms currency={data.currency} />
            </SimpleGrid>
            <Title order={2} size="h4">
              {TEXT.list}
            </Title>
            <Loaded query={payouts}>
              {({ payouts: list }) =>
                list.length === 0 ? (
                  <Empty title={TEXT.none} sentence={TEXT.none_sentence} />
                ) : (
                  <Stack gap="sm">
                    {list.map((payout) => (
                      <One key={payout.payout_id} payout={payout} currency={data.currency} />
                    ))}
                  </Stack>
                )
              }
            </Loaded>
          </>
        )}
      </Loaded>
    </Page>
  );
}

const One = ({ payout, currency }: { payout: Payout; currency: string }) => (
  <Card withBorder padding="sm" component="article">
    <Group justify="space-between">
      <Stack gap={2}>
        <Text fw={600}>
          <Money micro={payout.amount_micro} currency={currency} />
        </Text>
        <Reason reason={payout.reason} />
        <Text size="sm" c="dimmed">
          {TEXT.when} <When at={payout.requested_at} />
        </Text>
      </Stack>
      <Badge variant="default">{payout.state}</Badge>
    </Group>
  </Card>
);
