import { Button, Group, Modal, Progress, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { VOLUMES } from '../../text/volumes.en.js';
import { bytes, percent } from '../../ui/format.js';
import { Problem } from '../../ui-kit/problem.js';
import { saveAs } from '../save.js';
import { sdk } from '../sdk.js';

const TEXT = VOLUMES.open;

/** Fetches a file by its capability and decrypts it on this page. */
export function OpenFile({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [capability, setCapability] = useState('');
  const [name, setName] = useState('file');
  const [share, setShare] = useState<number | null>(null);
  const stop = useRef<AbortController | null>(null);
  const fetching = useMutation({
    mutationFn: async () => {
      stop.current = new AbortController();
      const parts: BlobPart[] = [];
      const onProgress = (at: { bytes: number; total: number }) => setShare(at.total === 0 ? 1 : at.bytes / at.total);
      for await (const part of sdk().get(capability.trim(), { signal: stop.current.signal, onProgress })) parts.push(part.slice());
      return new Blob(parts);
    },
    onSuccess: (file) => saveAs(file, name.trim() || 'file'),
    onSettled: () => setShare(null),
  });
  const close = () => {
    stop.current?.abort();
    fetching.reset();
    setCapability('');
    onClose();
  };
  const stopped = stop.current?.signal.aborted === true;
  return (
    <Modal opened={opened} onClose={close} title={TEXT.title} centered closeButtonProps={{ 'aria-label': TEXT.close }}>
      <Stack gap="sm">
        <TextInput
          label={TEXT.capability}
          description={TEXT.capability_hint}
          value={capability}
          autoComplete="off"
          spellCheck={false}
          onChange={({ currentTarget }) => setCapability(currentTarget.value)}
        />
        <TextInput label={TEXT.name} value={name} onChange={({ currentTarget }) => setName(currentTarget.value)} />
        <Group>
          {fetching.isPending ? (
            <Button variant="default" onClick={() => stop.current?.abort()}>
              {TEXT.stop}
            </Button>
          ) : (
            <Button disabled={capability.trim() === ''} onClick={() => fetching.mutate()}>
              {TEXT.go}
            </Button>
          )}
        </Group>
        {share !== null && (
          <>
            <Progress value={100 * share} aria-label={TEXT.title} />
            <Text size="sm" role="status">
              {TEXT.fetched(percent(share))}
            </Text>
          </>
        )}
        {fetching.error && !stopped && <Problem error={fetching.error} />}
        {fetching.data && <Text role="status">{TEXT.done(bytes(fetching.data.size))}</Text>}
      </Stack>
    </Modal>
  );
}
