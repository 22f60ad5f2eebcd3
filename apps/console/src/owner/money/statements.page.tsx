import { Card, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useHeap } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Money } from '../../ui-kit/money.js';
import { Page } from '../../ui-kit/page.js';
import { Files } from './files.js';

const TEXT = OWNER.statements;

/** Each month's statement of the owner's; the running one is the first. */
export function StatementsPage() {
  const statements = useHeap('/v1/statements', {}, { topics: ['earnings', 'payouts'] });
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Loaded query={statements}>
        {({ statements: all }) => {
          const own = all.filter(({ part }) => part !== 'developer');
          if (own.length === 0) return <Empty title={TEXT.none} sentence={TEXT.none_sentence} />;
          return (
            <Stack gap="sm">
              {own.map((head) => (
                <Card key={head.statement_id} withBorder padding="sm" component="article">
                  <Group justify="space-between">
                    <Stack gap={2}>
                      <Link to="/owner/statements/$id" params={{ id: head.statement_id }}>
                        {head.month}
                      </Link>
                      <Text size="sm" c="dimmed">
                        {head.number ?? TEXT.running}
                      </Text>
                    </Stack>
                    <Text size="sm" component="div">
                      {TEXT.opening} <Money micro={head.opening_micro} currency={head.currency} />, {TEXT.closing}{' '}
                      <Money micro={head.closing_micro} currency={head.currency} />
                    </Text>
                    <Files statement_id={head.statement_id} />
                  </Group>
                </Card>
              ))}
            </Stack>
          );
        }}
      </Loaded>
    </Page>
  );
}
