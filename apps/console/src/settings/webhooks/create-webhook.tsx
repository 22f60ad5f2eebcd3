import { Button, MultiSelect, Stack, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { type Init, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Problem } from '../../ui-kit/problem.js';

type Kinds = NonNullable<Init<'/v1/notices/webhooks', 'post'>['body']['kinds']>;

export function CreateWebhook({ made }: { made: (secret: string) => void }) {
  const form = useForm({ initialValues: { url: '', kinds: [] as Kinds } });
  const create = useHeapDeed('post', '/v1/notices/webhooks', { stale: ['/v1/notices/webhooks'] });
  const { data: choices } = useHeap('/v1/notices/choices', {});
  const known = choices?.groups.map(({ title, kinds }) => ({ group: title, items: kinds })) ?? [];
  const text = NOTICES.webhooks.create;
  const go = form.onSubmit((body) =>
    create.mutate(
      { body },
      {
        onSuccess: ({ secret }) => {
          form.reset();
          made(secret);
        },
      },
    ),
  );
  return (
    <form onSubmit={go}>
      <Stack gap="md" maw={520} align="stretch">
        <Title order={2} size="h3">
          {text.title}
        </Title>
        <TextInput
          type="url"
          required
          label={text.url}
          description={text.url_help}
          placeholder="https://example.org/hook"
          {...form.getInputProps('url')}
        />
        <MultiSelect searchable clearable label={text.kinds} description={text.kinds_help} data={known} {...form.getInputProps('kinds')} />
        {create.error && <Problem error={create.error} />}
        <Button type="submit" loading={create.isPending}>
          {text.go}
        </Button>
      </Stack>
    </form>
  );
}
