import { AppShell, Burger, Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, useEffect, useRef } from 'react';
import { useMe } from '../http/use-me.js';
import { LiveIndicator } from '../live/live-state.js';
import { BellButton } from '../notices/bell-button.js';
import { NOTICES } from '../text/notices.en.js';
import { SHELL } from '../text/shell.en.js';
import { useIdle } from '../ui/idle.js';
import { Mark } from '../ui/mark.js';
import { Later } from '../ui-kit/later.js';
import { sectionsOf } from './navigation.js';
import { NavigationList } from './navigation-list.js';
import css from './shell.module.css';

const Bell = lazy(() => import('../notices/bell.js'));
const AccountMenu = lazy(() => import('./account-menu.js'));

/** Header, navigation and the page. On a phone the navigation is behind one button. */
export function Shell() {
  const { data: me } = useMe();
  const [open, { toggle, close }] = useDisclosure();
  // Thirty links are more work than the page that is waited for.
  const idle = useIdle();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const sections = sectionsOf(me ?? null);
  const side = useRef<HTMLDivElement>(null);
  const drawn = idle || open;
  useEffect(close, [path]);
  // Who has all roles has more entries than a window is high.
  useEffect(() => {
    if (drawn) side.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, [drawn, path]);
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
                <Later whole={Bell} given={{}} standIn={(press) => <BellButton label={NOTICES.bell.label(0)} onClick={press} />} />
                <Later
                  whole={AccountMenu}
                  given={{ me }}
                  standIn={(press) => (
                    <Button variant="subtle" size="sm" aria-haspopup="menu" onClick={press}>
                      {me.name}
                    </Button>
                  )}
                />
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
      <AppShell.Navbar ref={side} p="sm" className={css.navbar} aria-label={SHELL.navigation}>
        {drawn && <NavigationList sections={sections} path={path} />}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1} className={css.main}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}
