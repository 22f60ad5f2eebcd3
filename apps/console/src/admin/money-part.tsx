import { Alert, Text } from '@mantine/core';
import { useMemo } from 'react';
import { BarRows } from '../charts/bar-rows.js';
import { ChartFrame } from '../charts/chart-frame.js';
import { ADMIN } from '../text/admin.en.js';
import { Money } from '../ui-kit/money.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { waterfall } from './charts.js';
import { Figure } from './figure.js';
import { HeapLink } from './heap-link.js';
import { Part } from './part.js';
import type { Glance } from './shapes.js';

const TEXT = ADMIN.glance;

/** What the heap has, less what it owes; whether its rules hold. */
export function MoneyPart({ now: { money, figures, at } }: { now: Glance }) {
  const drawing = useMemo(() => waterfall(money), [money]);
  const { invariants, currency } = money;
  const label = TEXT.solvency_chart(`${Number(BigInt(money.surplus_micro)) / 1e6} ${currency}`);
  const figure = (name: keyof typeof TEXT.names, micro: string) => (
    <Figure name={TEXT.names[name]} of={figures[name]} at={at}>
      <Money micro={micro} currency={currency} />
    </Figure>
  );
  return (
    <Part head={TEXT.money}>
      {money.simulated && (
        <Text size="sm" c="dimmed">
          {TEXT.simulated}
        </Text>
      )}
      <div className={css.figures}>
        {figure('surplus_micro', money.surplus_micro)}
        {figure('held_micro', money.held_micro)}
        {figure('owed_to_developers_micro', money.owed_to_developers_micro)}
        {figure('owed_to_owners_micro', money.owed_to_owners_micro)}
        {figure('suspense_micro', money.suspense.net_micro)}
      </div>
      <ChartFrame label={label} table={() => drawing.table} height={240}>
        <BarRows label={label} bars={drawing.bars} />
      </ChartFrame>
      {invariants.broken.length > 0 ? (
        <Alert color="red" title={TEXT.invariants_broken(invariants.broken.length)}>
          {invariants.broken.map(({ invariant, detail }) => (
            <Text key={invariant} size="sm">
              {invariant}: {detail}
            </Text>
          ))}
        </Alert>
      ) : (
        <Text size="sm">
          <HeapLink page="/admin/money">{TEXT.invariants(invariants.holding)}</HeapLink>
          {invariants.checked_at && (
            <>
              {'. '}
              {TEXT.checked}: <When at={invariants.checked_at} />
            </>
          )}
        </Text>
      )}
    </Part>
  );
}
