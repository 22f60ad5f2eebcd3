import { Button, Group, List, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useHeap, useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { moneyParts } from '../../ui/format.js';
import { Problem } from '../../ui-kit/problem.js';
import { When } from '../../ui-kit/when.js';

const TEXT = DEVELOPER.funds.promo;
const CODE = /^[A-Z0-9][A-Z0-9_-]{2,31}$/i;

/** Codes that give money, and what is left of it. */
export function Promos({ currency }: { currency: string }) {
  const grants = useHeap('/v1/promotions', {}, { topics: ['funds'] });
  const redeem = useHeapDeed('post', '/v1/promotions', { stale: ['/v1/promotions', '/v1/funds', '/v1/balance'] });
  const [code, setCode] = useState('');
  const fits = CODE.test(code.trim());
  const text = (micro: string) => moneyParts(BigInt(micro), currency).whole;
  return (
    <Stack gap="sm" component="section" aria-label={TEXT.title}>
      <Title order={2} size="h3">
        {TEXT.title}
      </Title>
      <Group align="flex-start" gap="sm">
        <TextInput
          label={TEXT.code}
          value={code}
          maxLength={32}
          error={code.trim().length > 2 && !fits ? TEXT.bad : null}
          onChange={({ currentTarget }) => setCode(currentTarget.value)}
        />
        <Button
          variant="default"
          mt={28}
          disabled={!fits}
          loading={redeem.isPending}
          onClick={() => redeem.mutate({ body: { code: code.trim() } }, { onSuccess: () => setCode('') })}
        >
          {TEXT.redeem}
        </Button>
      </Group>
      {redeem.error && <Problem error={redeem.error} />}
      {grants.data && grants.data.grants.length > 0 && (
        <List>
          {grants.data.grants.map((grant) => (
            <List.Item key={grant.grant_id}>
              {grant.campaign}: {TEXT.left(text(grant.left_micro), text(grant.amount_micro))},{' '}
              <Text span size="sm" c="dimmed">
                {TEXT.until} <When at={grant.expires_at} absolute />
              </Text>
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}
