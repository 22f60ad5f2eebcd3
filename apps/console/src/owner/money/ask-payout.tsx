import { Button, Card, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Money } from '../../ui-kit/money.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { microOf } from '../money-text.js';
import { said } from '../said.js';
import type { Earnings } from '../types.js';

const TEXT = OWNER.payouts;

/** Asks for a payout; pressed twice, it is asked for once. */
export function AskPayout({ earnings }: { earnings: Earnings }) {
  const [key, setKey] = useState(() => crypto.randomUUID());
  const asking = useHeapDeed('post', '/v1/payouts', { stale: ['/v1/payouts', '/v1/earnings', '/v1/payout-account'] });
  const form = useForm({
    initialValues: { amount: '' },
    validate: { amount: (text) => (microOf(text) === undefined ? OWNER.money_wrong : null) },
  });
  const ask = ({ amount }: typeof form.values) => {
    const micro = microOf(amount);
    asking.mutate(
      { params: { header: { 'Idempotency-Key': key } }, body: { of: 'owner', ...(micro && { amount_micro: micro }) } },
      {
        onSuccess: () => {
          setKey(crypto.randomUUID());
          form.reset();
          said(TEXT.asked);
        },
      },
    );
  };
  const too_little = BigInt(earnings.payable_micro) <= 0n || earnings.payout.code === 'below_minimum';
  return (
    <Card withBorder component="section" aria-labelledby="ask">
      <form onSubmit={form.onSubmit(ask)}>
        <Stack gap="sm">
          <Title order={2} size="h4" id="ask">
            {TEXT.ask}
          </Title>
          <Text>
            {TEXT.payable}: <Money micro={earnings.payable_micro} currency={earnings.currency} />
          </Text>
          <Reason reason={earnings.payout} />
          {earnings.simulated && <Text size="sm">{TEXT.simulated}</Text>}
          <TextInput label={TEXT.amount} inputMode="decimal" {...form.getInputProps('amount')} />
          <Button type="submit" loading={asking.isPending} disabled={too_little}>
            {TEXT.ask}
          </Button>
          {asking.error && <Problem error={asking.error} />}
        </Stack>
      </form>
    </Card>
  );
}
