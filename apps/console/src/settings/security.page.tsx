import { Stack, Text } from '@mantine/core';
import { SECURITY } from '../text/security.en.js';
import { Page } from '../ui-kit/page.js';
import { Passkeys } from './passkeys.js';
import { Password } from './password.js';
import { Sessions } from './sessions.js';

export const SecurityPage = () => (
  <Page title={SECURITY.title} lead={SECURITY.lead}>
    <Stack gap="xl" maw={720}>
      <Text>{SECURITY.cool_down}</Text>
      <Password />
      <Passkeys />
      <Sessions />
    </Stack>
  </Page>
);
