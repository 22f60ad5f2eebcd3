import { Badge, type BadgeProps } from '@mantine/core';
import type { ReactNode } from 'react';
import css from './admin.module.css';

/** A word that says how something stands, never cut short. */
export const Tag = ({ children, ...more }: BadgeProps & { title?: string; children: ReactNode }) => (
  <Badge variant="light" tt="none" className={css.tag} {...more}>
    {children}
  </Badge>
);
