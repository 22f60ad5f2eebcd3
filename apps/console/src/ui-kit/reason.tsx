import { Code, Text } from '@mantine/core';

/** Why something is as it is: the sentence, and its code for whoever looks it up. */
export const Reason = ({ reason: { code, sentence } }: { reason: { code: string; sentence: string } }) => (
  <Text component="span" size="sm">
    {sentence} <Code>{code}</Code>
  </Text>
);
