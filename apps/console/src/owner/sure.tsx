import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { OWNER } from '../text/owner.en.js';
import { ConfirmDeed } from '../ui-kit/confirm-deed.js';

/** A deed that cannot be undone: pressed twice, the second time after reading what it does. */
export function Sure({ label, sentence, onSure }: { label: string; sentence: string; onSure: () => void }) {
  const [open, { open: ask, close }] = useDisclosure();
  return (
    <>
      <Button variant="light" color="red" onClick={ask}>
        {label}
      </Button>
      <ConfirmDeed
        opened={open}
        title={label}
        sentence={sentence}
        deed={label}
        keep={OWNER.fleet.cancel}
        danger
        onDeed={() => {
          close();
          onSure();
        }}
        onClose={close}
      />
    </>
  );
}
