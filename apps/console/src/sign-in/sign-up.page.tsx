import { Anchor, Button, PasswordInput, Radio, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { setRoles, signUp } from '../http/api.js';
import { SIGN_IN } from '../text/sign-in.en.js';
import { Problem } from '../ui-kit/problem.js';
import { useEntry } from './use-entry.js';

type Purpose = keyof typeof SIGN_IN.purposes;
const ROLES = { earn: ['owner'], run: ['developer'] } as const;

export function SignUpPage() {
  const form = useForm({ initialValues: { name: '', email: '', password: '', purpose: 'both' as Purpose } });
  const entry = useEntry('/sign-up', async ({ name, email, password, purpose }: typeof form.values) => {
    await signUp(name, email, password);
    // An account is for both unless its person says otherwise.
    if (purpose !== 'both') await setRoles(ROLES[purpose]);
  });
  return (
    <form onSubmit={form.onSubmit((values) => entry.mutate(values))}>
      <Stack maw={420} mx="auto" gap="md">
        <Title order={1}>{SIGN_IN.sign_up_title}</Title>
        <TextInput label={SIGN_IN.name} autoComplete="name" required {...form.getInputProps('name')} />
        <TextInput label={SIGN_IN.email} type="email" autoComplete="username" required {...form.getInputProps('email')} />
        <PasswordInput
          label={SIGN_IN.password}
          description={SIGN_IN.password_help}
          autoComplete="new-password"
          minLength={10}
          maxLength={128}
          required
          {...form.getInputProps('password')}
        />
        <Radio.Group label={SIGN_IN.purpose} description={SIGN_IN.purpose_help} {...form.getInputProps('purpose')}>
          <Stack gap="sm" pt="xs">
            {(['earn', 'run', 'both'] as const).map((purpose) => (
              <Radio key={purpose} value={purpose} label={SIGN_IN.purposes[purpose]} size="md" />
            ))}
          </Stack>
        </Radio.Group>
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
