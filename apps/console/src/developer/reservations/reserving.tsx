import { Button, Modal, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { KEPT_MARKETS, type KeptMarketName } from '#units';
import { useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { MARKET } from '../../text/market.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { amountOf } from '../amount-of.js';
import { Expected } from './expected.js';

const TEXT = DEVELOPER.reservations.form;

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
