import { Button, Card, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { OWNER } from '../../text/owner.en.js';
import { Page } from '../../ui-kit/page.js';
import { ManyLink } from './many-link.js';
import { OneCode } from './one-code.js';

const TEXT = OWNER.add;

const Way = ({ title, sentence, children }: { title: string; sentence: string; children: ReactNode }) => (
  <Card withBorder component="section">
    <Stack gap="sm" align="flex-start">
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text c="dimmed">{sentence}</Text>
      {children}
    </Stack>
  </Card>
);

/** How devices come: this one, another one, or many. */
export const AddPage = () => (
  <Page title={TEXT.title} lead={TEXT.lead}>
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Way title={TEXT.here} sentence={TEXT.here_sentence}>
        <Button component="a" href="/join">
          {OWNER.devices.join}
        </Button>
      </Way>
      <Way title={TEXT.one} sentence={TEXT.one_sentence}>
        <OneCode />
      </Way>
    </SimpleGrid>
    <Way title={TEXT.many} sentence={TEXT.many_sentence}>
      <ManyLink />
    </Way>
  </Page>
);
