import { Alert, Button, Card, FileInput, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { VOLUMES } from '../../text/volumes.en.js';
import { percent } from '../../ui/format.js';
import { Problem } from '../../ui-kit/problem.js';
import { CodeBlock } from '../code-block.js';
import { sdk } from '../sdk.js';

const TEXT = VOLUMES.put;

interface Said {
  share: number;
  sentence: string;
}

/** Encrypts a file on this page and puts it into the volume; what opens it is shown once. */
export function PutFile({ volume_id }: { volume_id: string }) {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const stop = useRef<AbortController | null>(null);
  const put = useMutation({
    mutationFn: async (source: File) => {
      stop.current = new AbortController();
      return await sdk().put(source, {
        volume: volume_id,
        signal: stop.current.signal,
        onProgress: ({ bytes, phase, waits }) => {
          const share = source.size === 0 ? 1 : bytes / source.size;
          setSaid({ share, sentence: waits ?? (phase === 'storing' ? TEXT.storing : TEXT.sending(percent(share))) });
        },
      });
    },
    onSuccess: () => {
      setFile(null);
      return queries.invalidateQueries({ queryKey: ['/v1/volumes/{volume_id}'] });
    },
    onSettled: () => setSaid(null),
  });
  const stopped = stop.current?.signal.aborted === true;
  return (
    <Card withBorder component="section" aria-labelledby="put">
      <Stack gap="sm">
        <Title order={2} size="h4" id="put">
          {TEXT.title}
        </Title>
        <Text c="dimmed" maw={720}>
          {TEXT.lead}
        </Text>
        <Group align="flex-end" gap="sm">
          <FileInput
            label={TEXT.file}
            placeholder={TEXT.choose}
            value={file}
            onChange={setFile}
            flex={1}
            miw={200}
            disabled={put.isPending}
          />
          {put.isPending ? (
            <Button variant="default" onClick={() => stop.current?.abort()}>
              {TEXT.stop}
            </Button>
          ) : (
            <Button disabled={file === null} onClick={() => file && put.mutate(file)}>
              {TEXT.go}
            </Button>
          )}
        </Group>
        {said && (
          <>
            <Progress value={100 * said.share} aria-label={TEXT.title} />
            <Text size="sm" role="status">
              {said.sentence}
            </Text>
          </>
        )}
        {put.error && !stopped && <Problem error={put.error} />}
        {put.data && (
          <Alert color="heap" title={TEXT.done}>
            <CodeBlock text={put.data} label={TEXT.capability} />
          </Alert>
        )}
      </Stack>
    </Card>
  );
}
