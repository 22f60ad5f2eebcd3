import { Group, Text } from '@mantine/core';
import { OWNER } from '../text/owner.en.js';
import css from './presence.module.css';
import type { OwnNode } from './types.js';

export const presenceText = ({ presence }: Pick<OwnNode, 'presence'>): string => OWNER.presence[presence ?? 'none'];

/** A coloured dot never stands alone: the word is beside it. */
export const Presence = ({ node }: { node: Pick<OwnNode, 'presence'> }) => (
  <Group gap="xs" wrap="nowrap" component="span">
    <span className={css.dot} data-state={node.presence ?? 'none'} aria-hidden="true" />
    <Text component="span" size="sm" fw={600}>
      {presenceText(node)}
    </Text>
  </Group>
);
