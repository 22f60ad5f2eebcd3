import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { OWNER } from '../../text/owner.en.js';
import { Money } from '../../ui-kit/money.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import type { Earnings } from '../types.js';
import css from './money-flow.module.css';

const TEXT = OWNER.earnings;

interface StepProps {
  label: string;
  micro: string;
  currency: string;
  children?: ReactNode;
}

const Step = ({ label, micro, currency, children }: StepProps) => (
  <li className={css.step}>
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fz="xl" fw={650}>
        <Money micro={micro} currency={currency} />
      </Text>
      {children}
    </Stack>
  </li>
);

/** An amount that is only worth a line where there is one. */
const Part = ({ label, micro, currency, children }: StepProps) =>
  micro === '0' ? null : (
    <Text size="sm" component="div">
      {label} <Money micro={micro} currency={currency} /> {children}
    </Text>
  );

/** Earned, held, payable, on its way, paid: in the order in which money goes. */
export function MoneyFlow({ earnings }: { earnings: Earnings }) {
  const { currency, held, reserve, withheld, in_flight } = earnings;
  const last = held.at(-1);
  return (
    <ol className={css.flow} aria-label={TEXT.flow}>
      <Step label={TEXT.earned} micro={earnings.earned_micro} currency={currency}>
        <Text size="sm">{TEXT.earned_help}</Text>
        <Part label={TEXT.taken_back} micro={earnings.taken_back_micro} currency={currency} />
      </Step>
      <Step label={TEXT.held} micro={earnings.held_micro} currency={currency}>
        <Text size="sm">
          {last ? (
            <>
              {TEXT.until} <When at={last.until} />
            </>
          ) : (
            TEXT.held_none
          )}
        </Text>
        {reserve && (
          <Part label={TEXT.reserve} micro={reserve.amount_micro} currency={currency}>
            <Reason reason={reserve.reason} />
          </Part>
        )}
      </Step>
      <Step label={TEXT.payable} micro={earnings.payable_micro} currency={currency}>
        {withheld && (
          <Part label={TEXT.withheld} micro={withheld.amount_micro} currency={currency}>
            <Reason reason={withheld.reason} />
          </Part>
        )}
        <Part label={TEXT.debt} micro={earnings.debt_micro} currency={currency} />
      </Step>
      <Step label={TEXT.in_flight} micro={earnings.in_flight_micro} currency={currency}>
        {in_flight.length === 0 && <Text size="sm">{TEXT.in_flight_none}</Text>}
        {in_flight.map((payout) => (
          <Reason key={payout.payout_id} reason={payout.reason} />
        ))}
      </Step>
      <Step label={TEXT.paid} micro={earnings.paid_micro} currency={currency} />
    </ol>
  );
}
