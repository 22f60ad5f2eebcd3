import { Alert, Button, Code, CopyButton, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { type AnswerOf, useHeap, useHeapDeed } from '../../http/use-heap.js';
import { DEVELOPER } from '../../text/developer.en.js';
import { ConfirmDeed } from '../../ui-kit/confirm-deed.js';
import { Empty } from '../../ui-kit/empty.js';
import { Loaded } from '../../ui-kit/loaded.js';
import { Page } from '../../ui-kit/page.js';
import { Problem } from '../../ui-kit/problem.js';
import { When } from '../../ui-kit/when.js';

type Key = AnswerOf<'/v1/api-keys', 'get'>['api_keys'][number];
const TEXT = DEVELOPER.keys;

/** The keys with which programs act for this person. */
export function KeysPage() {
  const keys = useHeap('/v1/api-keys', {}, { topics: ['keys'] });
  return (
    <Page title={TEXT.title} lead={TEXT.lead}>
      <Making />
      <Loaded query={keys}>{({ api_keys }) => (api_keys.length === 0 ? <Empty {...TEXT.none} /> : <Keys keys={api_keys} />)}</Loaded>
    </Page>
  );
}

function Making() {
  const [secret, setSecret] = useState<string | null>(null);
  const make = useHeapDeed('post', '/v1/api-keys', { stale: ['/v1/api-keys'] });
  const form = useForm({
    initialValues: { name: '', days: '90' },
    validate: { name: (name) => (name.trim() === '' ? TEXT.name_missing : null) },
  });
  const go = form.onSubmit(({ name, days }) =>
    make.mutate(
      { body: { name: name.trim(), ...(days !== '' && { expires_in_days: Number(days) }) } },
      {
        onSuccess: (made) => {
          setSecret(made.secret);
          form.reset();
        },
      },
    ),
  );
  if (secret !== null) return <Shown secret={secret} onDone={() => setSecret(null)} />;
  return (
    <form onSubmit={go} noValidate>
      <Stack gap="sm" maw={560}>
        <TextInput label={TEXT.name} description={TEXT.name_hint} maxLength={64} {...form.getInputProps('name')} />
        <Select
          label={TEXT.expires}
          allowDeselect={false}
          data={Object.entries(TEXT.terms).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('days')}
        />
        {make.error && <Problem error={make.error} />}
        <Button type="submit" loading={make.isPending} style={{ alignSelf: 'flex-start' }}>
          {TEXT.make}
        </Button>
      </Stack>
    </form>
  );
}

const Shown = ({ secret, onDone }: { secret: string; onDone: () => void }) => (
  <Alert variant="light" title={TEXT.made} role="status">
    <Stack gap="sm" align="flex-start">
      <Code block w="100%">
        {secret}
      </Code>
      <Group>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button onClick={copy} aria-live="polite">
              {copied ? TEXT.copied : TEXT.copy}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={onDone}>
          {TEXT.done}
        </Button>
      </Group>
      <Text size="sm">{TEXT.use}</Text>
      <Code block w="100%">
        {`export HEAP_URL=${location.origin}\nexport HEAP_API_KEY=${secret}`}
      </Code>
    </Stack>
  </Alert>
);

function Keys({ keys }: { keys: readonly Key[] }) {
  const [asked, setAsked] = useState<Key | null>(null);
  const revoke = useHeapDeed('delete', '/v1/api-keys/{api_key_id}', { stale: ['/v1/api-keys'] });
  const close = () => {
    setAsked(null);
    revoke.reset();
  };
  return (
    <>
      <Table.ScrollContainer minWidth={640} aria-label={TEXT.table}>
        <Table striped>
          <Table.Caption>{TEXT.table}</Table.Caption>
          <Table.Thead>
            <Table.Tr>
              {Object.entries(TEXT.columns).map(([key, label]) =>
                label === '' ? <Table.Td key={key} /> : <Table.Th key={key}>{label}</Table.Th>,
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {keys.map((key) => (
              <Table.Tr key={key.id}>
                <Table.Td fw={600}>{key.name}</Table.Td>
                <Table.Td>
                  <Code>{key.start}…</Code>
                </Table.Td>
                <Table.Td>
                  <When at={key.created_at} />
                </Table.Td>
                <Table.Td>{key.expires_at === null ? TEXT.until_revoked : <When at={key.expires_at} />}</Table.Td>
                <Table.Td>{key.last_used_at === null ? TEXT.never : <When at={key.last_used_at} />}</Table.Td>
                <Table.Td>
                  <Button variant="subtle" color="red" size="sm" onClick={() => setAsked(key)} aria-label={`${TEXT.revoke}: ${key.name}`}>
                    {TEXT.revoke}
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <ConfirmDeed
        opened={asked !== null}
        title={asked && TEXT.revoke_title(asked.name)}
        sentence={TEXT.revoke_sentence}
        deed={TEXT.revoke}
        keep={TEXT.keep}
        danger
        pending={revoke.isPending}
        error={revoke.error}
        onDeed={() => asked && revoke.mutate({ params: { path: { api_key_id: asked.id } } }, { onSuccess: close })}
        onClose={close}
      />
    </>
  );
}
