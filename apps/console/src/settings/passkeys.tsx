import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { addPasskey, deletePasskey, noPasskeysHere, type Passkey, passkeys, renamePasskey } from '../step-up/passkeys.js';
import { useStepUp } from '../step-up/step-up.js';
import { SECURITY } from '../text/security.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Problem } from '../ui-kit/problem.js';
import { When } from '../ui-kit/when.js';

const { passkeys: TEXT } = SECURITY;
const KEY = ['passkeys'];

/** A deed about passkeys, after which they are listed anew. */
function useDeed<T>(deed: (input: T) => Promise<unknown>, done: () => void = () => {}) {
  const stepUp = useStepUp();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: T) => stepUp(() => deed(input)),
    onSuccess: () => {
      done();
      return queries.invalidateQueries({ queryKey: KEY });
    },
  });
}

export function Passkeys() {
  const query = useQuery({ queryKey: KEY, queryFn: passkeys });
  const why_not = noPasskeysHere();
  return (
    <Stack gap="md">
      <Title order={2}>{TEXT.title}</Title>
      <Text>{TEXT.sentence}</Text>
      <Loaded query={query}>
        {(known) => (known.length === 0 ? <Text c="dimmed">{TEXT.none}</Text> : known.map((one) => <Row key={one.id} passkey={one} />))}
      </Loaded>
      {why_not === null ? <Add /> : <Text c="dimmed">{TEXT[`without_${why_not}`]}</Text>}
    </Stack>
  );
}

function Add() {
  const form = useForm({ initialValues: { name: '' } });
  const add = useDeed(addPasskey, form.reset);
  return (
    <form onSubmit={form.onSubmit(({ name }) => add.mutate(name))}>
      <Stack gap="sm" maw={480}>
        <TextInput label={TEXT.name} placeholder={TEXT.name_example} required maxLength={64} {...form.getInputProps('name')} />
        {add.error && <Problem error={add.error} />}
        <Button type="submit" variant="default" loading={add.isPending}>
          {TEXT.add}
        </Button>
      </Stack>
    </form>
  );
}

function Row({ passkey: { id, name, createdAt, deviceType } }: { passkey: Passkey }) {
  const [naming, setNaming] = useState<string | null>(null);
  const rename = useDeed(
    (fresh: string) => renamePasskey(id, fresh),
    () => setNaming(null),
  );
  const remove = useDeed(() => deletePasskey(id));
  const error = rename.error ?? remove.error;
  const shown = name || TEXT.unnamed;
  return (
    <Stack gap="xs">
      <Group justify="space-between" gap="sm">
        <div>
          <Text fw={600}>{shown}</Text>
          <Text size="sm" c="dimmed">
            {TEXT.made} <When at={createdAt} />, {deviceType === 'singleDevice' ? TEXT.one_device : TEXT.several_devices}
          </Text>
        </div>
        <Group gap="sm">
          <Button variant="default" aria-label={`${TEXT.rename}: ${shown}`} onClick={() => setNaming(name ?? '')}>
            {TEXT.rename}
          </Button>
          <Button
            variant="default"
            color="red"
            aria-label={`${TEXT.remove}: ${shown}`}
            loading={remove.isPending}
            onClick={() => remove.mutate(undefined)}
          >
            {TEXT.remove}
          </Button>
        </Group>
      </Group>
      {naming !== null && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            rename.mutate(naming);
          }}
        >
          <Group align="flex-end" gap="sm">
            <TextInput
              label={TEXT.new_name}
              required
              maxLength={64}
              value={naming}
              onChange={(event) => setNaming(event.currentTarget.value)}
            />
            <Button type="submit" loading={rename.isPending}>
              {TEXT.save}
            </Button>
          </Group>
        </form>
      )}
      {error && <Problem error={error} />}
    </Stack>
  );
}
