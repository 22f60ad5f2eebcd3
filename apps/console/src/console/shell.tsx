import { AppShell, Burger, Button, Group, NavLink, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useMe } from '../http/use-me.js';
import { LiveIndicator } from '../live/live-state.js';
import { Bell } from '../notices/bell.js';
import { SHELL } from '../text/shell.en.js';
import { Mark } from '../ui/mark.js';
import { AccountMenu } from './account-menu.js';
import { sectionsOf } from './navigation.js';
import css from './shell.module.css';

/** Header, navigation and the page. On a phone the navigation is behind one button. */
export function Shell() {
  const { data: me } = useMe();
  const [open, { toggle, close }] = useDisclosure();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const sections = sectionsOf(me ?? null);
  useEffect(close, [path]);
  const bare = sections.length === 0;
  return (
    <AppShell
      header={{ height: 60 }}
      navbar={{ width: 240, breakpoint: 'md', collapsed: { mobile: !open || bare, desktop: bare } }}
      padding="md"
    >
      <a className={css.skip} href="#content">
        {SHELL.skip}
      </a>
      <AppShell.Header className={css.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            {!bare && (
              <Burger opened={open} onClick={toggle} hiddenFrom="md" size="sm" aria-label={open ? SHELL.menu.close : SHELL.menu.open} />
            )}
            <Link to="/" className={css.brand} aria-label={SHELL.brand}>
              <Mark />
              <Text component="span" fw={680} truncate {...(me && { visibleFrom: 'xs' })}>
                {SHELL.brand}
              </Text>
            </Link>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <LiveIndicator />
            {me ? (
              <Group gap="xs" wrap="nowrap">
                <Bell />
                <AccountMenu me={me} />
              </Group>
            ) : (
              me === null && (
                <Group gap="xs" wrap="nowrap">
                  <Button component={Link} to="/sign-in" variant="subtle" size="sm">
                    {SHELL.sign_in}
                  </Button>
                  <Button component={Link} to="/sign-up" size="sm" visibleFrom="xs">
                    {SHELL.sign_up}
                  </Button>
                </Group>
              )
            )}
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" className={css.navbar} aria-label={SHELL.navigation}>
        {sections.map(({ label, entries }) => (
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
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={css.main}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
