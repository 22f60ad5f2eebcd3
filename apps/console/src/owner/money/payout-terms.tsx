import { Button, Card, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { OWNER } from '../../text/owner.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Problem } from '../../ui-kit/problem.js';
import { When } from '../../ui-kit/when.js';
import { microOf, plainOf } from '../money-text.js';
import { said } from '../said.js';

const TEXT = OWNER.payouts;
type Terms = AnswerOf<'/v1/payout-terms', 'get'>;

/** When payouts happen by themselves, and from how much on. */
export function PayoutTerms({ currency }: { currency: string }) {
  const terms = useHeap('/v1/payout-terms', {}, { topics: ['payouts'] });
  return (
    <Card withBorder component="section" aria-labelledby="terms">
      <Stack gap="sm">
        <Title order={2} size="h4" id="terms">
          {TEXT.terms}
        </Title>
        <Loaded query={terms}>
          {(data) => <TermsForm key={`${data.schedule} ${data.minimum_micro}`} terms={data} currency={currency} />}
        </Loaded>
      </Stack>
    </Card>
  );
}

function TermsForm({ terms, currency }: { terms: Terms; currency: string }) {
  const saving = useHeapDeed('put', '/v1/payout-terms', { stale: ['/v1/payout-terms', '/v1/earnings'] });
  const form = useForm({
    initialValues: { schedule: terms.schedule, minimum: plainOf(terms.minimum_micro) },
    validate: { minimum: (text) => (microOf(text) ? null : OWNER.money_wrong) },
  });
  const save = ({ schedule, minimum }: typeof form.values) =>
    saving.mutate(
      { body: { schedule, minimum_micro: microOf(minimum) ?? terms.minimum_micro } },
      { onSuccess: () => said(TEXT.terms_saved) },
    );
  return (
    <form onSubmit={form.onSubmit(save)}>
      <Stack gap="sm">
        {terms.next_at && (
          <Text>
            {TEXT.next} <When at={terms.next_at} />
          </Text>
        )}
        <Select
          label={TEXT.schedule}
          data={Object.entries(TEXT.schedules).map(([value, label]) => ({ value, label }))}
          allowDeselect={false}
          {...form.getInputProps('schedule')}
        />
        <TextInput label={`${TEXT.minimum} (${currency})`} inputMode="decimal" required {...form.getInputProps('minimum')} />
        <Button type="submit" variant="default" loading={saving.isPending}>
          {TEXT.terms_save}
        </Button>
        {saving.error && <Problem error={saving.error} />}
      </Stack>
    </form>
  );
}
