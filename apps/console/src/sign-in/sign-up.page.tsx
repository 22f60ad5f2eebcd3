import { Anchor, Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { signUp } from '../http/api.js';
import { SIGN_IN } from '../text/sign-in.en.js';
import { Problem } from '../ui-kit/problem.js';
import { useEntry } from './use-entry.js';

export function SignUpPage() {
  const form = useForm({ initialValues: { name: '', email: '', password: '' } });
  const entry = useEntry('/sign-up', ({ name, email, password }: typeof form.values) => signUp(name, email, password));
  return (
    <form onSubmit={form.onSubmit((values) => entry.mutate(values))}>
      <Stack maw={420} mx="auto" gap="md">
        <Title order={1}>{SIGN_IN.sign_up_title}</Title>
        <TextInput label={SIGN_IN.name} autoComplete="name" required {...form.getInputProps('name')} />
        <TextInput label={SIGN_IN.email} type="email" autoComplete="username" required {...form.getInputProps('email')} />
        <PasswordInput label={SIGN_IN.password} autoComplete="new-password" required {...form.getInputProps('password')} />
        {entry.error && <Problem error={entry.error} />}
        <Button type="submit" loading={entry.isPending}>
          {SIGN_IN.sign_up_go}
        </Button>
        <Text>
          {SIGN_IN.has_account}{' '}
          <Anchor component={Link} to="/sign-in">
            {SIGN_IN.go}
          </Anchor>
        </Text>
      </Stack>
    </form>
  );
}
