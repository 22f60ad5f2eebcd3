import { Alert, Button, Stack, Text } from '@mantine/core';
import { HeapError } from '#units';
import { SHELL } from '../text/shell.en.js';

/** What went wrong in the heap's own sentence, with its code and the request's id for whoever is asked for help. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const known = error instanceof HeapError ? error : null;
  const request = known?.details.request_id;
  return (
    <Alert color="red" variant="light" title={SHELL.problem.title} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text>{known?.message ?? SHELL.problem.unexpected}</Text>
        {known && (
          <Text size="sm" ff="monospace">
            {known.code}
            {typeof request === 'string' && ` · ${SHELL.problem.request(request)}`}
          </Text>
        )}
        {retry && (
          <Button variant="default" size="sm" onClick={retry}>
            {SHELL.problem.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
