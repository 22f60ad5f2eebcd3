import { Button, Modal, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { VOLUME_CLASSES, type VolumeClass, volumeMarket, volumeSpace } from '#units';
import { useHeapDeed } from '../../http/use-heap.js';
import { VOLUMES } from '../../text/volumes.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { amountOf } from '../amount-of.js';
import { Expected } from '../reservations/expected.js';

const TEXT = VOLUMES.buying;
const MONTH_HOURS = 720;

interface Draft {
  name: string;
  class: VolumeClass;
  gigabytes: number;
  months: number;
  max_price: string;
}
const FIRST: Draft = { name: '', class: 'small', gigabytes: 1, months: 1, max_price: '' };

/** What a volume would cost, and the buying of it. */
export function Buying({ opened, onClose, currency }: { opened: boolean; onClose: () => void; currency: string }) {
  const navigate = useNavigate();
  const [draft, setDraft] = useState(FIRST);
  const change = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));
  const buy = useHeapDeed('post', '/v1/volumes', { stale: ['/v1/volumes', '/v1/reservations', '/v1/funds', '/v1/balance'] });
  const { micro, fault } = amountOf(draft.max_price);
  const { needed, reserved, quantity: units } = volumeSpace(draft.class, draft.gigabytes);
  const hours = draft.months * MONTH_HOURS;
  const close = () => {
    buy.reset();
    onClose();
  };
  const go = () =>
    micro !== null &&
    buy.mutate(
      {
        params: { header: { 'Idempotency-Key': crypto.randomUUID() } },
        body: { name: draft.name.trim(), class: draft.class, gigabytes: draft.gigabytes, hours, max_price_micro: String(micro) },
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
    <Modal opened={opened} onClose={close} title={TEXT.title} centered closeButtonProps={{ 'aria-label': TEXT.close }}>
      <Stack gap="sm">
        <TextInput
          label={TEXT.name}
          value={draft.name}
          maxLength={128}
          onChange={({ currentTarget }) => change({ name: currentTarget.value })}
        />
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
        <TextInput
          label={TEXT.max_price}
          description={TEXT.max_price_hint}
          inputMode="decimal"
          value={draft.max_price}
          error={fault}
          onChange={({ currentTarget }) => change({ max_price: currentTarget.value })}
        />
        {opened && (
          <Expected
            terms={{ market: volumeMarket(draft.class), quantity: units, hours }}
            max_price_micro={micro === null ? null : String(micro)}
            currency={currency}
          />
        )}
        {buy.error && <Problem error={buy.error} />}
        <Button onClick={go} disabled={micro === null} loading={buy.isPending}>
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
