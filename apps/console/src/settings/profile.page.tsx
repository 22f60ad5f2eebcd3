import { Button, Checkbox, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useHeapDeed } from '../http/use-heap.js';
import { type Me, useMe } from '../http/use-me.js';
import { PROFILE } from '../text/profile.en.js';
import { Page } from '../ui-kit/page.js';
import { Problem } from '../ui-kit/problem.js';

type Role = 'owner' | 'developer';

export function ProfilePage() {
  const { data: me } = useMe();
  return (
    <Page title={PROFILE.title} lead={PROFILE.lead}>
      {me && <Profile me={me} />}
    </Page>
  );
}

function Profile({ me }: { me: Me }) {
  const deed = useHeapDeed('put', '/v1/me', { stale: ['/v1/me'] });
  const form = useForm({
    initialValues: { name: me.name, roles: me.roles.filter((role): role is Role => role !== 'admin') as string[] },
    validate: { roles: (roles) => (roles.length === 0 ? PROFILE.roles.needed : null) },
  });
  return (
    <form onSubmit={form.onSubmit(({ name, roles }) => deed.mutate({ body: { name, roles: roles as Role[] } }))}>
      <Stack maw={480} gap="md">
        <TextInput label={PROFILE.name} autoComplete="name" required maxLength={100} {...form.getInputProps('name')} />
        <TextInput label={PROFILE.email} value={me.email} readOnly />
        <Checkbox.Group label={PROFILE.roles.label} {...form.getInputProps('roles')}>
          <Stack gap="sm" pt="xs">
            <Checkbox value="owner" label={PROFILE.roles.owner} size="md" />
            <Checkbox value="developer" label={PROFILE.roles.developer} size="md" />
          </Stack>
        </Checkbox.Group>
        {deed.error && <Problem error={deed.error} />}
        <Button type="submit" loading={deed.isPending}>
          {PROFILE.save}
        </Button>
        <Text role="status">{deed.isSuccess ? PROFILE.saved : ''}</Text>
      </Stack>
    </form>
  );
}
