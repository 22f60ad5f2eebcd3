import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Problem } from './problem.js';

interface Props {
  opened: boolean;
  title: ReactNode;
  /** What the deed does, and whether it can be undone. */
  sentence: string;
  /** On the button that does it, and on the one that does not. */
  deed: string;
  keep: string;
  danger?: boolean;
  /** On its way. */
  pending?: boolean;
  error?: Error | null;
  onDeed: () => void;
  onClose: () => void;
}

/** Asks once more before a deed, and says what it does; stays open with what is wrong when the heap refuses it. */
export const ConfirmDeed = ({ opened, title, sentence, deed, keep, danger = false, pending = false, error, onDeed, onClose }: Props) => (
  <Modal opened={opened} onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': keep }}>
    <Stack gap="md">
      <Text>{sentence}</Text>
      {error && <Problem error={error} />}
      <Group>
        <Button {...(danger && { color: 'red' })} loading={pending} onClick={onDeed}>
          {deed}
        </Button>
        <Button variant="default" onClick={onClose}>
          {keep}
        </Button>
      </Group>
    </Stack>
  </Modal>
);
