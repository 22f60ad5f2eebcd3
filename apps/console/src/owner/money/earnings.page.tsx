import { Anchor, SimpleGrid, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Page } from '../../ui-kit/page.js';
import { Held } from './held.js';
import { History } from './history.js';
import { MoneyFlow } from './money-flow.js';
import { Threshold } from './threshold.js';

const TEXT = OWNER.earnings;

/** From the first result to the bank: where the money is, until when, and why. */
export function EarningsPage() {
  const earnings = useHeap('/v1/earnings', {}, { topics: ['earnings', 'payouts'] });
  return (
    <Page
      title={TEXT.title}
      lead={TEXT.lead}
      deeds={
        <Anchor component={Link} to="/owner/payouts">
          {TEXT.payout}
        </Anchor>
      }
    >
      <Loaded query={earnings}>
        {(data) => (
          <Stack gap="lg">
            {data.earned_micro === '0' && (
              <Empty title={TEXT.none} sentence={TEXT.none_sentence}>
                <Anchor component={Link} to="/owner/add">
                  {OWNER.nav.add}
                </Anchor>
              </Empty>
            )}
            <MoneyFlow earnings={data} />
            <SimpleGrid cols={{ base: 1, md: 2 }}>
              <Threshold earnings={data} />
              <Held earnings={data} />
            </SimpleGrid>
          </Stack>
        )}
      </Loaded>
      <History />
    </Page>
  );
}
