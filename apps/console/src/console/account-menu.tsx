import { Button, Menu, useMantineColorScheme } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { signOut } from '../http/api.js';
import type { Me } from '../http/use-me.js';
import { live } from '../live/live.js';
import { SHELL } from '../text/shell.en.js';

/** Who is signed in, how the console looks, and the way out. */
export default function AccountMenu({ me, opened }: { me: Me; opened: boolean }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    // What is heard on the way out would be asked for in vain.
    live.pause();
    try {
      await signOut();
      queries.clear();
      await navigate({ to: '/' });
    } finally {
      live.resume();
    }
  };
  return (
    <Menu position="bottom-end" width={220} defaultOpened={opened}>
      <Menu.Target>
        <Button variant="subtle" size="sm">
          {me.name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{SHELL.scheme.label}</Menu.Label>
        {(['auto', 'light', 'dark'] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            rightSection={colorScheme === scheme ? '✓' : null}
            onClick={() => setColorScheme(scheme)}
          >
            {SHELL.scheme[scheme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void leave()}>{SHELL.sign_out}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
