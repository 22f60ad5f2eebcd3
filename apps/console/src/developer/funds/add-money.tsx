import { Anchor, Button, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { amountOf } from '../../ui-kit/amount-of.js';
import { Problem } from '../../ui-kit/problem.js';

const TEXT = DEVELOPER.funds.add;

/** Money in: at once where it is simulated, else on the provider's page. */
export function AddMoney({ currency, simulated }: { currency: string; simulated: boolean }) {
  const [text, setText] = useState('5.00');
  const deposit = useHeapDeed('post', '/v1/deposits', { stale: ['/v1/funds', '/v1/balance', '/v1/deposits'] });
  const { micro, fault } = amountOf(text);
  const go = () => {
    if (micro !== null)
      deposit.mutate({ params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { amount_micro: String(micro) } });
  };
  return (
    <Stack gap="sm" component="section" aria-label={TEXT.title}>
      <Title order={2} size="h3">
        {TEXT.title}
      </Title>
      {simulated && <Text c="dimmed">{TEXT.simulated}</Text>}
      <TextInput
        label={`${TEXT.amount} (${currency})`}
        inputMode="decimal"
        value={text}
        error={fault ?? (micro === null ? TEXT.bad : null)}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      {deposit.error && <Problem error={deposit.error} />}
      {deposit.data?.url && <Anchor href={deposit.data.url}>{TEXT.pay}</Anchor>}
      <Button onClick={go} disabled={micro === null} loading={deposit.isPending} style={{ alignSelf: 'flex-start' }}>
        {TEXT.do}
      </Button>
    </Stack>
  );
}
