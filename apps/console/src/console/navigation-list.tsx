import { NavLink, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Section } from './navigation.js';
import css from './shell.module.css';

/** Where one can go, by sections; where one is stands out. */
export const NavigationList = ({ sections, path }: { sections: readonly Section[]; path: string }) =>
  sections.map(({ label, entries }) => (
    <div key={label} className={css.section}>
      <Text size="sm" c="dimmed" fw={650} px="sm" pb={4}>
        {label}
      </Text>
      {entries.map((entry) => (
        <NavLink
          key={entry.to}
          component={Link}
          to={entry.to}
          activeOptions={{ exact: entry.exact ?? false }}
          label={entry.label}
          active={entry.exact ? path === entry.to : path === entry.to || path.startsWith(`${entry.to}/`)}
          aria-current={path === entry.to ? 'page' : undefined}
        />
      ))}
    </div>
  ));
