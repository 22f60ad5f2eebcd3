import { Button, Group, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useHeapDeed } from '../../http/use-heap.js';
import { NOTICES } from '../../text/notices.en.js';
import { Problem } from '../../ui-kit/problem.js';
import { CHOICES, type Choices } from './choices.js';
import { clockOf, minuteOf } from './clock.js';

const NIGHT = { from_minute: 22 * 60, until_minute: 7 * 60 };

/** When push waits. */
export function QuietHours({ quiet }: { quiet: Choices['quiet_hours'] }) {
  const { from_minute, until_minute } = quiet ?? NIGHT;
  const time_zone = quiet?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const form = useForm({ initialValues: { on: quiet !== null, from: clockOf(from_minute), until: clockOf(until_minute) } });
  const choose = useHeapDeed('put', CHOICES, { stale: [CHOICES] });
  const text = NOTICES.quiet;
  const save = form.onSubmit(({ on, from, until }) =>
    choose.mutate({
      body: { choices: [], quiet_hours: on ? { from_minute: minuteOf(from), until_minute: minuteOf(until), time_zone } : null },
    }),
  );
  return (
    <form onSubmit={save}>
      <Stack gap="sm" align="flex-start">
        <Title order={2} size="h3">
          {text.title}
        </Title>
        <Text>{text.sentence}</Text>
        <Switch label={text.on} {...form.getInputProps('on', { type: 'checkbox' })} />
        {form.values.on && (
          <Group>
            <TextInput type="time" required label={text.from} {...form.getInputProps('from')} />
            <TextInput type="time" required label={text.until} {...form.getInputProps('until')} />
          </Group>
        )}
        {form.values.on && (
          <Text size="sm" c="dimmed">
            {text.zone(time_zone)}
          </Text>
        )}
        {choose.error && <Problem error={choose.error} />}
        <Group>
          <Button type="submit" variant="default" loading={choose.isPending}>
            {text.save}
          </Button>
          {choose.isSuccess && <Text role="status">{text.saved}</Text>}
        </Group>
      </Stack>
    </form>
  );
}
