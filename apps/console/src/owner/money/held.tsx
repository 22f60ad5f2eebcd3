import { Card, Stack, Table, Text, Title } from '@mantine/core';
import { OWNER } from '../../text/owner.en.js';
import { Money } from '../../ui-kit/money.js';
import { Reason } from '../../ui-kit/reason.js';
import { When } from '../../ui-kit/when.js';
import type { Earnings } from '../types.js';

const TEXT = OWNER.earnings;

/** What is held: until when and why, by day. */
export const Held = ({ earnings: { held, currency } }: { earnings: Earnings }) => (
  <Card withBorder component="section" aria-labelledby="held">
    <Stack gap="sm">
      <Title order={2} size="h4" id="held">
        {TEXT.held_by_day}
      </Title>
      {held.length === 0 ? (
        <Text c="dimmed">{TEXT.held_none}</Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{TEXT.when}</Table.Th>
              <Table.Th>{TEXT.amount}</Table.Th>
              <Table.Th>{TEXT.why}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {held.map((part) => (
              <Table.Tr key={`${part.day} ${part.reason.code}`}>
                <Table.Td>
                  <When at={part.until} />
                </Table.Td>
                <Table.Td>
                  <Money micro={part.amount_micro} currency={currency} />
                </Table.Td>
                <Table.Td>
                  <Reason reason={part.reason} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  </Card>
);
