import { Button, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { formatMajor } from '#units';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { moneyParts } from '../../ui/format.js';
import { amountOf } from '../../ui-kit/amount-of.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';

const TEXT = DEVELOPER.funds.top_up;
type Terms = AnswerOf<'/v1/top-up', 'get'>;

/** Money that is added by itself, never more than the cap in a month. */
export function TopUp({ currency }: { currency: string }) {
  const terms = useHeap('/v1/top-up', {}, { topics: ['deposits'] });
  return (
    <Stack gap="sm" component="section" aria-label={TEXT.title}>
      <Title order={2} size="h3">
        {TEXT.title}
      </Title>
      <Loaded query={terms}>{(found) => <Fields key={JSON.stringify(found)} terms={found} currency={currency} />}</Loaded>
    </Stack>
  );
}

function Fields({ terms, currency }: { terms: Terms; currency: string }) {
  const [enabled, setEnabled] = useState(terms.enabled);
  const [texts, setTexts] = useState({
    below: formatMajor(BigInt(terms.below_micro)),
    amount: formatMajor(BigInt(terms.amount_micro)),
    cap: formatMajor(BigInt(terms.monthly_cap_micro)),
  });
  const save = useHeapDeed('put', '/v1/top-up', { stale: ['/v1/top-up', '/v1/funds'] });
  const read = { below: amountOf(texts.below), amount: amountOf(texts.amount), cap: amountOf(texts.cap) };
  const go = () =>
    save.mutate({
      body: {
        enabled,
        below_micro: String(read.below.micro ?? terms.below_micro),
        amount_micro: String(read.amount.micro ?? terms.amount_micro),
        monthly_cap_micro: String(read.cap.micro ?? terms.monthly_cap_micro),
      },
    });
  return (
    <>
      <Reason reason={terms.reason} />
      <Switch label={TEXT.enabled} checked={enabled} onChange={({ currentTarget }) => setEnabled(currentTarget.checked)} />
      {enabled &&
        (['below', 'amount', 'cap'] as const).map((key) => (
          <TextInput
            key={key}
            label={TEXT[key]}
            inputMode="decimal"
            value={texts[key]}
            error={read[key].fault}
            onChange={({ currentTarget }) => setTexts({ ...texts, [key]: currentTarget.value })}
          />
        ))}
      <Text size="sm" c="dimmed">
        {TEXT.this_month(moneyParts(BigInt(terms.this_month_micro), currency).whole)}
      </Text>
      {save.error && <Problem error={save.error} />}
      <Button
        variant="default"
        onClick={go}
        loading={save.isPending}
        disabled={enabled && Object.values(read).some(({ fault }) => fault !== null)}
        style={{ alignSelf: 'flex-start' }}
      >
        {TEXT.save}
      </Button>
    </>
  );
}
