import { Alert, Anchor, List, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type AnswerOf, useHeap } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { JOBS } from '../../text/jobs.en.js';
import { moneyParts } from '../../ui/format.js';
import { Facts } from '../../ui-kit/facts.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { Reason } from '../../ui-kit/reason.js';
import { AddMoney } from './add-money.js';
import { Caps } from './caps.js';
import { Deposits } from './deposits.js';
import { Promos } from './promos.js';
import { TopUp } from './top-up.js';

type Funds = AnswerOf<'/v1/funds', 'get'>;
const TEXT = DEVELOPER.funds;

/** A developer's money in its parts, how more comes and unspent goes back, and what may be spent at the most. */
export function FundsPage() {
  const funds = useHeap('/v1/funds', {}, { topics: ['funds'] });
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={funds}>
        {(found) => (
          <>
            <Parts funds={found} />
            <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl" verticalSpacing="xl">
              <AddMoney currency={found.currency} simulated={found.simulated} />
              <Caps funds={found} />
              <Promos currency={found.currency} />
              <TopUp currency={found.currency} />
            </SimpleGrid>
            <Deposits currency={found.currency} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Parts({ funds }: { funds: Funds }) {
  const { currency } = funds;
  const parts = [
    [TEXT.parts.available, funds.available_micro, 'heap'],
    [TEXT.parts.promo, funds.promo_micro, 'blue'],
    [TEXT.parts.held, funds.held_micro, 'yellow'],
    [TEXT.parts.frozen, funds.frozen_micro, 'red'],
  ] as const;
  const all = parts.reduce((sum, [, micro]) => sum + Number(micro), 0);
  return (
    <Stack gap="sm">
      <Progress.Root size="xl">
        {parts.map(([label, micro, color]) => (
          <Progress.Section key={label} value={all === 0 ? 0 : (100 * Number(micro)) / all} color={color} aria-label={label} />
        ))}
      </Progress.Root>
      <Facts
        rows={[
          ...parts.map(([label, micro]) => [label, <Money key={label} micro={micro} currency={currency} />] as const),
          [TEXT.parts.refundable, <Money key="back" micro={funds.refundable_micro} currency={currency} />],
          ...(funds.debt_micro === '0'
            ? []
            : [[TEXT.parts.debt, <Money key="debt" micro={funds.debt_micro} currency={currency} />] as const]),
        ]}
      />
      {funds.frozen && (
        <Alert color="red" variant="light">
          <Reason reason={funds.frozen} />
        </Alert>
      )}
      {funds.held.length > 0 && (
        <div>
          <Title order={2} size="h4">
            {TEXT.held_for}
          </Title>
          <List>
            {funds.held.map((held) => (
              <List.Item key={held.job_id}>
                <Anchor component={Link} to="/developer/jobs/$job_id" params={{ job_id: held.job_id } as never}>
                  {held.name || JOBS.unnamed}
                </Anchor>
                : {moneyParts(BigInt(held.amount_micro), currency).whole}{' '}
                <Text span size="sm" c="dimmed">
                  {held.reason.sentence}
                </Text>
              </List.Item>
            ))}
          </List>
        </div>
      )}
    </Stack>
  );
}
