import { Button, Checkbox, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { changePassword } from '../http/api.js';
import { live } from '../live/live.js';
import { SECURITY } from '../text/security.en.js';
import { Problem } from '../ui-kit/problem.js';

const { password: TEXT } = SECURITY;
const LENGTH_MIN = 10;
const EMPTY = { current: '', fresh: '', others: true };

export function Password() {
  const queries = useQueryClient();
  const form = useForm({ initialValues: EMPTY });
  const change = useMutation({
    mutationFn: ({ current, fresh, others }: typeof EMPTY) => changePassword(current, fresh, others),
    // This session ends too and another takes its place: what is heard in between would be asked for with the old one.
    onMutate: () => live.pause(),
    onSettled: () => live.resume(),
    onSuccess: () => {
      form.setValues(EMPTY);
      return queries.invalidateQueries({ queryKey: ['/v1/sessions'] });
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => change.mutate(values))}>
      <Stack gap="md" maw={480}>
        <Title order={2}>{TEXT.title}</Title>
        <PasswordInput label={TEXT.current} autoComplete="current-password" required {...form.getInputProps('current')} />
        <PasswordInput
          label={TEXT.fresh}
          description={TEXT.help}
          autoComplete="new-password"
          minLength={LENGTH_MIN}
          maxLength={128}
          required
          {...form.getInputProps('fresh')}
        />
        <Checkbox label={TEXT.others} size="md" {...form.getInputProps('others', { type: 'checkbox' })} />
        {change.error && <Problem error={change.error} />}
        <Button type="submit" loading={change.isPending}>
          {TEXT.go}
        </Button>
        <Text role="status">{change.isSuccess ? TEXT.done : ''}</Text>
      </Stack>
    </form>
  );
}
