import { Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { KeptMarketName } from '#units';
import { amountOf } from '../../ui-kit/amount-of.js';
import { Problem } from '../../ui-kit/problem.js';
import { Expected } from './expected.js';

/** What an order of something that is kept says in its own words. */
interface Words {
  title: string;
  close: string;
  name: string;
  max_price: string;
  max_price_hint: string;
  place: string;
  price_missing: string;
}

/** What every such order has: a name, and the most that is paid, as typed. */
export interface KeptDraft {
  name: string;
  max_price: string;
}

interface Props {
  text: Words;
  opened: boolean;
  onClose: () => void;
  draft: KeptDraft;
  onChange: (change: Partial<KeptDraft>) => void;
  /** What it comes to in its market. */
  terms: { market: KeptMarketName; quantity: number; hours: number };
  currency: string;
  deed: { error: Error | null; isPending: boolean };
  onPlace: (order: { name: string; max_price_micro: string }) => void;
  /** The fields between name and price. */
  children: ReactNode;
}

/** An order of what is kept for somebody by the hour or month: its fields, what it would cost, and the placing of it. */
export function KeptOrder({ text, opened, onClose, draft, onChange, terms, currency, deed, onPlace, children }: Props) {
  const { micro, fault } = amountOf(draft.max_price);
  return (
    <Modal opened={opened} onClose={onClose} title={text.title} centered closeButtonProps={{ 'aria-label': text.close }}>
      <Stack gap="sm">
        <TextInput
          label={text.name}
          value={draft.name}
          maxLength={128}
          onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
        />
        {children}
        <TextInput
          label={text.max_price}
          description={text.max_price_hint}
          inputMode="decimal"
          value={draft.max_price}
          error={fault}
          onChange={({ currentTarget }) => onChange({ max_price: currentTarget.value })}
        />
        {opened && <Expected terms={terms} max_price_micro={micro === null ? null : String(micro)} currency={currency} />}
        {deed.error && <Problem error={deed.error} />}
        <Button
          disabled={micro === null}
          loading={deed.isPending}
          onClick={() => micro !== null && onPlace({ name: draft.name.trim(), max_price_micro: String(micro) })}
        >
          {text.place}
        </Button>
        {micro === null && (
          <Text size="sm" c="dimmed">
            {text.price_missing}
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
