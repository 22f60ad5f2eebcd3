import { Alert, Button, Code, CopyButton, Group, NumberInput, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useHeap, useHeapDeed } from '../../http/use-heap.js';
import { QrCode } from '../../invite/qr-code.js';
import { OWNER } from '../../text/owner.en.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Problem } from '../../ui-kit/problem.js';
import { LinkList } from './link-list.js';

const TEXT = OWNER.add;

/** Makes a link for many devices, shows it once, and lists those there are. */
export function ManyLink() {
  const links = useHeap('/v1/enrolment-links', {}, { topics: ['nodes'] });
  const making = useHeapDeed('post', '/v1/enrolment-links', { stale: ['/v1/enrolment-links'] });
  const form = useForm({ initialValues: { label: '', uses_max: 30, days: 7, partner: '' } });
  const made = making.data;
  return (
    <Stack gap="md" w="100%">
      <form
        onSubmit={form.onSubmit(({ partner, ...body }) =>
          making.mutate(
            { body: { ...body, ...(partner.trim() !== '' && { partner: partner.trim() }) } },
            { onSuccess: () => form.reset() },
          ),
        )}
      >
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
            <TextInput label={TEXT.label} required maxLength={64} {...form.getInputProps('label')} />
            <NumberInput label={TEXT.uses} required min={1} max={1_000} clampBehavior="strict" {...form.getInputProps('uses_max')} />
            <NumberInput label={TEXT.days} required min={1} max={30} clampBehavior="strict" {...form.getInputProps('days')} />
            <TextInput label={TEXT.partner} maxLength={64} {...form.getInputProps('partner')} />
          </SimpleGrid>
          <Group>
            <Button type="submit" loading={making.isPending}>
              {TEXT.make}
            </Button>
          </Group>
        </Stack>
      </form>
      {making.error && <Problem error={making.error} />}
      {made && (
        <Alert variant="light" title={made.link.label} role="status">
          <Stack gap="sm" align="flex-start">
            <Text>{TEXT.once}</Text>
            <QrCode text={made.join_url} label={TEXT.qr(made.link.label)} />
            <Code block>{made.join_url}</Code>
            {made.join_hint && <Text size="sm">{made.join_hint}</Text>}
            <CopyButton value={made.join_url}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? TEXT.copied : TEXT.copy}
                </Button>
              )}
            </CopyButton>
            <Text size="sm">{TEXT.node}:</Text>
            <Code block>{made.command}</Code>
          </Stack>
        </Alert>
      )}
      <Title order={3} size="h5">
        {TEXT.links}
      </Title>
      <Loaded query={links}>
        {({ links: list }) => (list.length === 0 ? <Text c="dimmed">{TEXT.none}</Text> : <LinkList links={list} />)}
      </Loaded>
    </Stack>
  );
}
