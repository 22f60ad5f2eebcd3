import { Button, Group, Modal, PasswordInput, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { HeapError } from '#units';
import { ADMIN } from '../text/admin.en.js';
import { Problem } from '../ui-kit/problem.js';

const TEXT = ADMIN.deed;

export interface Because {
  reason: string;
  /** Only after the heap has asked for it. */
  password?: string;
}

interface Props {
  label: string;
  title: string;
  sentence?: string;
  danger?: boolean;
  small?: boolean;
  /** Says it to the heap. */
  act: (because: Because) => Promise<unknown>;
  /** What else the deed needs, above the reason. */
  children?: ReactNode;
}

/** A button, and behind it the question why. What the deed changed is asked anew: all of it, since a deed has consequences elsewhere. */
export function Deed({ label, title, sentence, danger = false, small = false, act, children }: Props) {
  const [open, { open: show, close }] = useDisclosure();
  return (
    <>
      <Button variant={danger ? 'outline' : 'default'} {...(danger && { color: 'red' })} size={small ? 'compact-md' : 'sm'} onClick={show}>
        {label}
      </Button>
      <Modal opened={open} onClose={close} title={title}>
        <Stack gap="sm">
          {sentence && <Text>{sentence}</Text>}
          <Form label={label} danger={danger} act={act} onDone={close}>
            {children}
          </Form>
        </Stack>
      </Modal>
    </>
  );
}

interface FormProps extends Pick<Props, 'label' | 'act' | 'children'> {
  danger: boolean;
  onDone: () => void;
}

function Form({ label, danger, act, onDone, children }: FormProps) {
  const [reason, setReason] = useState('');
  const [password, setPassword] = useState('');
  const queries = useQueryClient();
  const deed = useMutation({
    mutationFn: () => act({ reason, ...(password !== '' && { password }) }),
    onSuccess: async () => {
      onDone();
      notifications.show({ message: TEXT.done });
      await queries.invalidateQueries();
    },
  });
  const asked = deed.error instanceof HeapError && deed.error.code === 'step_up.forbidden';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    deed.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {children}
        <Textarea
          label={TEXT.reason}
          description={TEXT.reason_help}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          required
          minRows={2}
          autosize
          maxLength={500}
          data-autofocus
        />
        {(asked || password !== '') && (
          <PasswordInput
            label={TEXT.password}
            description={TEXT.password_help}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            required
          />
        )}
        {deed.error && <Problem error={deed.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {TEXT.cancel}
          </Button>
          <Button type="submit" {...(danger && { color: 'red' })} loading={deed.isPending} disabled={reason.trim() === ''}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
