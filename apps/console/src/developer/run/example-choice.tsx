import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { RUN } from '../../text/run.en.js';
import { type Draft, draftOf, isUntouched } from './draft.js';
import { EXAMPLES } from './examples.js';

/** Puts an example on the page; what somebody has written is replaced only when they say so. */
export function ExampleChoice({ draft, onChange }: { draft: Draft; onChange: (change: Partial<Draft>) => void }) {
  const [asked, setAsked] = useState<string | null>(null);
  const take = (key: string | null) => {
    const example = EXAMPLES.find((one) => one.key === key);
    setAsked(null);
    if (example) onChange(draftOf(example));
  };
  return (
    <>
      <Select
        label={RUN.example}
        description={RUN.examples[draft.example].sentence}
        data={EXAMPLES.map(({ key }) => ({ value: key, label: RUN.examples[key].name }))}
        value={draft.example}
        allowDeselect={false}
        onChange={(key) => (isUntouched(draft) ? take(key) : setAsked(key))}
      />
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={RUN.replace.title}
        centered
        closeButtonProps={{ 'aria-label': RUN.replace.no }}
      >
        <Stack gap="md">
          <Text>{RUN.replace.sentence}</Text>
          <Group>
            <Button onClick={() => take(asked)}>{RUN.replace.yes}</Button>
            <Button variant="default" onClick={() => setAsked(null)}>
              {RUN.replace.no}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
