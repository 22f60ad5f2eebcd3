import { Alert, Anchor, Button, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useHeap, useHeapDeed } from '../http/use-heap.js';
import { RUN } from '../text/run.en.js';
import { moneyParts } from '../ui/format.js';
import { Problem } from '../ui-kit/problem.js';

const TEXT = RUN.money;
const FIRST_DEPOSIT_MICRO = 5_000_000n;

/** Says that there is nothing to spend, and mends that: with one press where money is not real. Draws nothing where there is some. */
export function MoneyNotice() {
  const balance = useHeap('/v1/balance', {}, { topics: ['funds'] });
  const deposit = useHeapDeed('post', '/v1/deposits', { stale: ['/v1/balance', '/v1/funds', '/v1/deposits'] });
  if (!balance.data) return null;
  const { currency, simulated, developer } = balance.data;
  if (BigInt(developer.available_micro) + BigInt(developer.promo_micro) > 0n) return null;
  const add = () =>
    deposit.mutate({
      params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
      body: { amount_micro: String(FIRST_DEPOSIT_MICRO) },
    });
  return (
    <Alert variant="light" title={TEXT.title}>
      <Stack gap="xs" align="flex-start">
        <Text>{simulated ? TEXT.simulated : TEXT.real}</Text>
        {simulated ? (
          <Button onClick={add} loading={deposit.isPending}>
            {TEXT.add(moneyParts(FIRST_DEPOSIT_MICRO, currency).whole)}
          </Button>
        ) : (
          <Anchor component={Link} to="/developer/funds">
            {TEXT.to_funds}
          </Anchor>
        )}
        {deposit.error && <Problem error={deposit.error} />}
      </Stack>
    </Alert>
  );
}
