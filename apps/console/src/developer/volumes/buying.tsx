import { NumberInput, Select, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { VOLUME_CLASSES, type VolumeClass, volumeMarket, volumeSpace } from '#units';
import { useHeap, useHeapDeed } from '../../http/use-heap.js';
import { VOLUMES } from '../../text/volumes.en.js';
import { type KeptDraft, KeptOrder } from '../reservations/kept-order.js';

const TEXT = VOLUMES.buying;
const MONTH_HOURS = 720;

interface Draft extends KeptDraft {
  class: VolumeClass;
  gigabytes: number;
  months: number;
}
const FIRST: Draft = { name: '', class: 'small', gigabytes: 1, months: 1, max_price: '' };

/** What a volume would cost, and the buying of it. */
export function Buying({ opened, onClose, currency }: { opened: boolean; onClose: () => void; currency: string }) {
  const navigate = useNavigate();
  const [draft, setDraft] = useState(FIRST);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const buy = useHeapDeed('post', '/v1/volumes', { stale: ['/v1/volumes', '/v1/reservations', '/v1/funds', '/v1/balance'] });
  const { needed, reserved, quantity: units } = volumeSpace(draft.class, draft.gigabytes);
  const { data: heap } = useHeap('/v1/heap', {});
  const hours = draft.months * MONTH_HOURS;
  const close = () => {
    buy.reset();
    onClose();
  };
  const place = (order: { name: string; max_price_micro: string }) =>
    buy.mutate(
      {
        params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
        body: { class: draft.class, gigabytes: draft.gigabytes, hours, ...order },
      },
      {
        onSuccess: ({ id }) => {
          setDraft(FIRST);
          close();
          return navigate({ to: `/developer/volumes/${id}` });
        },
      },
    );
  return (
    <KeptOrder
      {...{ text: TEXT, opened, draft, currency }}
      terms={{ market: volumeMarket(draft.class), quantity: units, hours: hours + (heap?.volume_grace_hours ?? 0) }}
      onClose={close}
      onChange={change}
      deed={buy}
      onPlace={place}
    >
      <Select
        label={TEXT.class}
        description={TEXT.class_hint}
        allowDeselect={false}
        value={draft.class}
        data={VOLUME_CLASSES.map((value) => ({ value, label: VOLUMES.classes[value] }))}
        onChange={(value) => value && change({ class: value as VolumeClass })}
      />
      <NumberInput
        label={TEXT.gigabytes}
        value={draft.gigabytes}
        min={1}
        max={1_000}
        allowDecimal={false}
        onChange={(gigabytes) => typeof gigabytes === 'number' && gigabytes >= 1 && change({ gigabytes })}
      />
      <Text size="sm" c="dimmed">
        {TEXT.space(units, reserved, needed)}
      </Text>
      <NumberInput
        label={TEXT.months}
        value={draft.months}
        min={1}
        max={120}
        allowDecimal={false}
        onChange={(months) => typeof months === 'number' && months >= 1 && change({ months })}
      />
    </KeptOrder>
  );
}
