import { Stack, Tabs, Title } from '@mantine/core';
import { RUN } from '../../text/run.en.js';
import { CodeBlock } from '../code-block.js';
import type { Draft } from './draft.js';
import { cliSnippet, sdkSnippet } from './snippet.js';

const TEXT = RUN.same;

/** How the job of this page is written in a program and in a shell. */
export function Snippets({ draft, name }: { draft: Draft; name: string }) {
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {TEXT.title}
      </Title>
      <Tabs defaultValue="sdk">
        <Tabs.List>
          <Tabs.Tab value="sdk">{TEXT.sdk}</Tabs.Tab>
          <Tabs.Tab value="cli">{TEXT.cli}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="sdk" pt="sm">
          <CodeBlock text={sdkSnippet(draft, name)} label={TEXT.sdk} />
        </Tabs.Panel>
        <Tabs.Panel value="cli" pt="sm">
          <CodeBlock text={cliSnippet(draft)} label={TEXT.cli} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
