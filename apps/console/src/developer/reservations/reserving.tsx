import { NumberInput, Select } from '@mantine/core';
import { useState } from 'react';
import { KEPT_MARKETS, type KeptMarketName } from '#units';
import { useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { MARKET } from '../../text/market.en.js';
import { type KeptDraft, KeptOrder } from './kept-order.js';

const TEXT = DEVELOPER.reservations.form;

interface Draft extends KeptDraft {
  market: KeptMarketName;
  quantity: number;
  hours: number;
}
const FIRST: Draft = { name: '', market: 'standing:micro', quantity: 1, hours: 24, max_price: '' };

/** What a reservation would cost, and the placing of it. */
export function Reserving({ opened, onClose, currency }: { opened: boolean; onClose: () => void; currency: string }) {
  const [draft, setDraft] = useState(FIRST);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const reserve = useHeapDeed('post', '/v1/reservations', { stale: ['/v1/reservations', '/v1/funds', '/v1/balance'] });
  const terms = { market: draft.market, quantity: draft.quantity, hours: draft.hours };
  const close = () => {
    reserve.reset();
    onClose();
  };
  const place = (order: { name: string; max_price_micro: string }) =>
    reserve.mutate(
      { params: { header: { 'Idempotency-Key': crypto.randomUUID() } }, body: { ...terms, ...order } },
      {
        onSuccess: () => {
          setDraft(FIRST);
          close();
        },
      },
    );
  return (
    <KeptOrder {...{ text: TEXT, opened, draft, terms, currency }} onClose={close} onChange={change} deed={reserve} onPlace={place}>
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
    </KeptOrder>
  );
}
