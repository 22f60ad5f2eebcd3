import { Anchor, Button, Divider, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { signIn } from '../http/api.js';
import { noPasskeysHere, signInByPasskey } from '../step-up/passkeys.js';
import { SIGN_IN } from '../text/sign-in.en.js';
import { Problem } from '../ui-kit/problem.js';
import { useEntry } from './use-entry.js';

export function SignInPage() {
  const form = useForm({ initialValues: { email: '', password: '' } });
  const entry = useEntry('/sign-in', ({ email, password }: typeof form.values) => signIn(email, password));
  const by_passkey = useEntry('/sign-in', signInByPasskey);
  const error = entry.error ?? by_passkey.error;
  return (
    <form onSubmit={form.onSubmit((values) => entry.mutate(values))}>
      <Stack maw={420} mx="auto" gap="md">
        <Title order={1}>{SIGN_IN.title}</Title>
        <TextInput label={SIGN_IN.email} type="email" autoComplete="username" required {...form.getInputProps('email')} />
        <PasswordInput label={SIGN_IN.password} autoComplete="current-password" required {...form.getInputProps('password')} />
        {error && <Problem error={error} />}
        <Button type="submit" loading={entry.isPending}>
          {SIGN_IN.go}
        </Button>
        {noPasskeysHere() === null && (
          <>
            <Divider label={SIGN_IN.or} />
            <Button variant="default" loading={by_passkey.isPending} onClick={() => by_passkey.mutate(undefined)}>
              {SIGN_IN.passkey}
            </Button>
          </>
        )}
        <Text>
          {SIGN_IN.no_account}{' '}
          <Anchor component={Link} to="/sign-up">
            {SIGN_IN.sign_up}
          </Anchor>
        </Text>
      </Stack>
    </form>
  );
}
