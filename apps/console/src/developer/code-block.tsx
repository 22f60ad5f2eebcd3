import { Button, Code, CopyButton, Stack } from '@mantine/core';
import { RUN } from '../text/run.en.js';

/** What scrolls must be reachable by keyboard. */
const REACHABLE = { tabIndex: 0 };

/** Code to take along. */
export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <Stack gap={4} align="flex-start">
      <Code block w="100%" role="region" aria-label={label} {...REACHABLE}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" size="sm" onClick={copy} aria-live="polite">
            {copied ? RUN.same.copied : RUN.same.copy}
          </Button>
        )}
      </CopyButton>
    </Stack>
  );
}
