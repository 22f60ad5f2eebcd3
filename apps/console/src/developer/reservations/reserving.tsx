import { Button, Modal, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { KEPT_MARKETS, type KeptMarketName } from '#units';
import { heap } from '../../http/heap.js';
import { useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { MARKET } from '../../text/market.en.js';
import { moneyParts } from '../../ui/format.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';
import { amountOf } from '../amount-of.js';

const TEXT = DEVELOPER.reservations.form;
const TYPING_MS = 400;

interface Draft {
  name: string;
  market: KeptMarketName;
  quantity: number;
  hours: number;
  max_price: string;
}
const FIRST: Draft = { name: '', market: 'standing:micro', quantity: 1, hours: 24, max_price: '' };

/** What a reservation would cost, and the placing of it. */
export function Reserving({ opened, onClose, currency }: { opened: boolean; onClose: () => void; currency: string }) {
  const [draft, setDraft] = useState(FIRST);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const reserve = useHeapDeed('post', '/v1/reservations', { stale: ['/v1/reservations', '/v1/funds', '/v1/balance'] });
  const { micro, fault } = amountOf(draft.max_price);
  const terms = { market: draft.market, quantity: draft.quantity, hours: draft.hours };
  const close = () => {
    reserve.reset();
    onClose();
  };
  const go = () =>
    micro !== null &&
    reserve.mutate(
      {
        params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
        body: { ...terms, name: draft.name.trim(), max_price_micro: String(micro) },
      },
      {
        onSuccess: () => {
          setDraft(FIRST);
          close();
        },
      },
    );
  return (
    <Modal opened={opened} onClose={close} title={TEXT.title} centered closeButtonProps={{ 'aria-label': TEXT.close }}>
      <Stack gap="sm">
        <TextInput
          label={TEXT.name}
          value={draft.name}
          maxLength={128}
          onChange={({ currentTarget }) => change({ name: currentTarget.value })}
        />
        <Select
          label={TEXT.market}
          allowDeselect={false}
          value={draft.market}
          data={KEPT_MARKETS.map((value) => ({ value, label: MARKET.name(value) }))}
          onChange={(market) => market && change({ market: market as KeptMarketName })}
        />
        <NumberInput
          label={TEXT.quantity}
          value={draft.quantity}
          min={1}
          max={10_000}
          allowDecimal={false}
          onChange={(quantity) => typeof quantity === 'number' && quantity >= 1 && change({ quantity })}
        />
        <NumberInput
          label={TEXT.hours}
          value={draft.hours}
          min={1}
          max={87_600}
          allowDecimal={false}
          onChange={(hours) => typeof hours === 'number' && hours >= 1 && change({ hours })}
        />
        <TextInput
          label={TEXT.max_price}
          description={TEXT.max_price_hint}
          inputMode="decimal"
          value={draft.max_price}
          error={fault}
          onChange={({ currentTarget }) => change({ max_price: currentTarget.value })}
        />
        {opened && <Expected terms={terms} max_price_micro={micro === null ? null : String(micro)} currency={currency} />}
        {reserve.error && <Problem error={reserve.error} />}
        <Button onClick={go} disabled={micro === null} loading={reserve.isPending}>
          {TEXT.place}
        </Button>
        {micro === null && (
          <Text size="sm" c="dimmed">
            {TEXT.price_missing}
          </Text>
        )}
      </Stack>
    </Modal>
  );
}

interface ExpectedProps {
  terms: { market: KeptMarketName; quantity: number; hours: number };
  max_price_micro: string | null;
  currency: string;
}

function Expected({ terms, max_price_micro, currency }: ExpectedProps) {
  const [asked] = useDebouncedValue(JSON.stringify({ ...terms, max_price_micro }), TYPING_MS);
  const { data, error } = useQuery({
    queryKey: ['/v1/reservations/estimate', asked],
    queryFn: async ({ signal }) => {
      const { data: answer } = await heap.POST('/v1/reservations/estimate', { body: JSON.parse(asked), signal });
      return answer ?? null;
    },
  });
  const money = (micro: string) => moneyParts(BigInt(micro), currency).whole;
  if (error) return <Problem error={error} />;
  if (!data) return null;
  const { unit, low_micro, high_micro } = data.cost_per_unit_time;
  return (
    <Stack gap={2} aria-live="polite">
      <Text fw={600}>{TEXT.estimate}</Text>
      <Text>{TEXT.per[unit](MARKET.day(money(low_micro), money(high_micro)))}</Text>
      {data.hold_micro !== null && <Text>{TEXT.hold(money(data.hold_micro))}</Text>}
      <Text>{TEXT.now(data.quantity_now)}</Text>
      {data.quantity_now === 0 && <Reason reason={data.reason} />}
    </Stack>
  );
}
