import { ActionIcon } from '@mantine/core';
import type { ComponentProps } from 'react';
import { BellIcon } from './bell-icon.js';

/** What is pressed for the notices; more than its label and deed is what a popover gives to its target. */
export const BellButton = ({ label, ...target }: ComponentProps<'button'> & { label: string }) => (
  <ActionIcon {...target} variant="subtle" size={44} aria-label={label}>
    <BellIcon />
  </ActionIcon>
);
