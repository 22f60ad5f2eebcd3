import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { OWNER } from '../text/owner.en.js';

/** A deed that cannot be undone: pressed twice, the second time after reading what it does. */
export function Sure({ label, sentence, onSure }: { label: string; sentence: string; onSure: () => void }) {
  const [open, { open: ask, close }] = useDisclosure();
  return (
    <>
      <Button variant="light" color="red" onClick={ask}>
        {label}
      </Button>
      <Modal opened={open} onClose={close} title={label} closeButtonProps={{ 'aria-label': OWNER.fleet.cancel }}>
        <Stack gap="md">
          <Text>{sentence}</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {OWNER.fleet.cancel}
            </Button>
            <Button
              color="red"
              onClick={() => {
                close();
                onSure();
              }}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
