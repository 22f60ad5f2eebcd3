import { Button, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { formatMajor } from '#units';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { moneyParts } from '../../ui/format.js';
import { amountOf } from '../../ui-kit/amount-of.js';
import { Problem } from '../../ui-kit/problem.js';

const TEXT = DEVELOPER.funds.caps;
type Funds = AnswerOf<'/v1/funds', 'get'>;

const textOf = (micro: string | null): string => (micro === null ? '' : formatMajor(BigInt(micro)));
const onWire = (micro: bigint | null): string | null => (micro === null ? null : String(micro));

/** The most that a job and a day may cost. Block lists, which are set elsewhere, stay as they are. */
export function Caps({ funds }: { funds: Funds }) {
  const limits = useHeap('/v1/limits', {}, { topics: ['funds'] });
  const [job, setJob] = useState(textOf(funds.job_cap_micro));
  const [day, setDay] = useState(textOf(funds.day_cap_micro));
  const save = useHeapDeed('put', '/v1/limits', { stale: ['/v1/limits', '/v1/funds'] });
  const [of_job, of_day] = [amountOf(job), amountOf(day)];
  const go = () => {
    if (!limits.data) return;
    const { not_owners, not_nodes } = limits.data;
    save.mutate({ body: { job_cap_micro: onWire(of_job.micro), day_cap_micro: onWire(of_day.micro), not_owners, not_nodes } });
  };
  return (
    <Stack gap="sm" component="section" aria-label={TEXT.title}>
      <Title order={2} size="h3">
        {TEXT.title}
      </Title>
      <Text c="dimmed">
        {TEXT.lead} {TEXT.today(moneyParts(BigInt(funds.spent_today_micro), funds.currency).whole)}
      </Text>
      <TextInput
        label={TEXT.job}
        description={TEXT.hint}
        inputMode="decimal"
        value={job}
        error={of_job.fault}
        onChange={({ currentTarget }) => setJob(currentTarget.value)}
      />
      <TextInput
        label={TEXT.day}
        description={TEXT.hint}
        inputMode="decimal"
        value={day}
        error={of_day.fault}
        onChange={({ currentTarget }) => setDay(currentTarget.value)}
      />
      {save.error && <Problem error={save.error} />}
      <Button
        variant="default"
        onClick={go}
        loading={save.isPending}
        disabled={of_job.fault !== null || of_day.fault !== null || !limits.data}
        style={{ alignSelf: 'flex-start' }}
      >
        {TEXT.save}
      </Button>
      <Text size="sm" role="status">
        {save.isSuccess && TEXT.saved}
      </Text>
    </Stack>
  );
}
