import { Card, Progress, Stack, Text, Title } from '@mantine/core';
import { OWNER } from '../../text/owner.en.js';
import { Money } from '../../ui-kit/money.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import type { Earnings } from '../types.js';

const TEXT = OWNER.earnings;

/** How far it is to the least payout, and when that is reached. */
export function Threshold({ earnings: { threshold, payable_micro, currency, payout } }: { earnings: Earnings }) {
  const { minimum_micro, missing_micro, expected_at } = threshold;
  const reached = missing_micro === '0';
  const share = reached ? 100 : Math.min(100, (100 * Number(payable_micro)) / Math.max(1, Number(minimum_micro)));
  return (
    <Card withBorder component="section" aria-labelledby="threshold">
      <Stack gap="sm">
        <Title order={2} size="h4" id="threshold">
          {TEXT.threshold}
        </Title>
        <Progress value={share} size="lg" aria-label={TEXT.threshold} />
        {reached ? (
          <Text fw={600}>{TEXT.reached}</Text>
        ) : (
          <Text>
            <Money micro={missing_micro} currency={currency} /> {TEXT.missing} <Money micro={minimum_micro} currency={currency} />.{' '}
            {expected_at === null ? (
              TEXT.never
            ) : (
              <>
                {TEXT.expected} <When at={expected_at} />.
              </>
            )}
          </Text>
        )}
        <Reason reason={payout} />
      </Stack>
    </Card>
  );
}
