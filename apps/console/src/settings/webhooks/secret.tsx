import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core';
import { NOTICES } from '../../text/notices.en.js';

/** The secret, once. */
export function Secret({ secret, done }: { secret: string; done: () => void }) {
  const text = NOTICES.webhooks.secret;
  return (
    <Alert title={text.title} color="yellow" variant="light" role="status">
      <Stack gap="sm" align="flex-start">
        <Text>{text.sentence}</Text>
        <Code block maw="100%">
          {secret}
        </Code>
        <Group>
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? text.copied : text.copy}
              </Button>
            )}
          </CopyButton>
          <Button onClick={done}>{text.done}</Button>
        </Group>
      </Stack>
    </Alert>
  );
}
