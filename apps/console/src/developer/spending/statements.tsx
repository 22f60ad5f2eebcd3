import { Anchor, Group, Stack, Table, Title } from '@mantine/core';
import { useHeap } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';

const TEXT = DEVELOPER.spending;

/** A developer's statements by month, as CSV and PDF. */
export function Statements() {
  const statements = useHeap('/v1/statements', {}, { topics: ['funds'] });
  return (
    <Stack gap="xs" component="section" aria-label={TEXT.statements}>
      <Title order={2} size="h3">
        {TEXT.statements}
      </Title>
      <Loaded query={statements}>
        {(found) => {
          const mine = found.statements.filter(({ part }) => part === 'developer');
          if (mine.length === 0) return <Empty {...TEXT.none_yet} />;
          return (
            <Table.ScrollContainer minWidth={480} aria-label={TEXT.statements}>
              <Table striped>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{TEXT.statement_columns.month}</Table.Th>
                    <Table.Th>{TEXT.statement_columns.number}</Table.Th>
                    <Table.Th ta="right">{TEXT.statement_columns.opening}</Table.Th>
                    <Table.Th ta="right">{TEXT.statement_columns.closing}</Table.Th>
                    <Table.Th>{TEXT.statement_columns.files}</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {mine.map((one) => (
                    <Table.Tr key={one.statement_id}>
                      <Table.Td>{one.month}</Table.Td>
                      <Table.Td>{one.number ?? TEXT.running_month}</Table.Td>
                      <Table.Td ta="right">
                        <Money micro={one.opening_micro} currency={one.currency} />
                      </Table.Td>
                      <Table.Td ta="right">
                        <Money micro={one.closing_micro} currency={one.currency} />
                      </Table.Td>
                      <Table.Td>
                        <Group gap="sm">
                          {(['csv', 'pdf'] as const).map((format) => (
                            <Anchor
                              key={format}
                              href={`/v1/statements/${encodeURIComponent(one.statement_id)}/${format}`}
                              download
                              aria-label={`${format.toUpperCase()} ${one.month}`}
                            >
                              {format.toUpperCase()}
                            </Anchor>
                          ))}
                        </Group>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          );
        }}
      </Loaded>
    </Stack>
  );
}
