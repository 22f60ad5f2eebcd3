import { Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { KeptMarketName } from '#units';
import { heap } from '../../http/heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { MARKET } from '../../text/market.en.js';
import { moneyParts } from '../../ui/format.js';
import { Problem } from '../../ui-kit/problem.js';
import { Reason } from '../../ui-kit/reason.js';

const TEXT = DEVELOPER.reservations.form;
const TYPING_MS = 400;

interface ExpectedProps {
  terms: { market: KeptMarketName; quantity: number; hours: number };
  max_price_micro: string | null;
  currency: string;
}

/** What so many units would cost, and how many of them would be there at once, as the market is now. */
export function Expected({ terms, max_price_micro, currency }: ExpectedProps) {
  const [asked] = useDebouncedValue(JSON.stringify({ ...terms, max_price_micro }), TYPING_MS);
  const { data, error } = useQuery({
    queryKey: ['/v1/reservations/estimate', asked],
    queryFn: async ({ signal }) => {
      const { data: answer } = await heap.POST('/v1/reservations/estimate', { body: JSON.parse(asked), signal });
      return answer ?? null;
    },
  });
  const money = (micro: string) => moneyParts(BigInt(micro), currency).whole;
  if (error) return <Problem error={error} />;
  if (!data) return null;
  const { unit, low_micro, high_micro } = data.cost_per_unit_time;
  return (
    <Stack gap={2} aria-live="polite">
      <Text fw={600}>{TEXT.estimate}</Text>
      <Text>{TEXT.per[unit](MARKET.day(money(low_micro), money(high_micro)))}</Text>
      {data.hold_micro !== null && <Text>{TEXT.hold(money(data.hold_micro))}</Text>}
      <Text>{TEXT.now(data.quantity_now)}</Text>
      {data.quantity_now === 0 && <Reason reason={data.reason} />}
    </Stack>
  );
}
