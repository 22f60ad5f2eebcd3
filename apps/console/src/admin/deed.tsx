import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useIsMutating, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useStepUp } from '../step-up/step-up.js';
import { ADMIN } from '../text/admin.en.js';
import { Problem } from '../ui-kit/problem.js';

const TEXT = ADMIN.deed;

export interface Because {
  reason: string;
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
  const busy = useIsMutating() > 0;
  return (
    <>
      <Button variant={danger ? 'outline' : 'default'} {...(danger && { color: 'red' })} size={small ? 'compact-md' : 'sm'} onClick={show}>
        {label}
      </Button>
      {/* Who closes the question for a proof, which is asked while the deed is on its way, keeps what is written here. */}
      <Modal opened={open} onClose={close} title={title} closeOnEscape={!busy} closeButtonProps={{ 'aria-label': TEXT.cancel }}>
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
  const stepUp = useStepUp();
  const queries = useQueryClient();
  const deed = useMutation({
    mutationFn: () => stepUp(() => act({ reason })),
    onSuccess: async () => {
      onDone();
      notifications.show({ message: TEXT.done });
      await queries.invalidateQueries();
    },
  });
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
