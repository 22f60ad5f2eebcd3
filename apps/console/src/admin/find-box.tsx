import { Button, Group, Kbd, Modal, NavLink, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue, useDisclosure, useHotkeys } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { Problem } from '../ui-kit/problem.js';

const TEXT = ADMIN.find;
/** So long nothing was typed before it is asked for. */
const PAUSE_MS = 200;

/** Finds whatever has an id, from everywhere in the area. */
export function FindBox() {
  const [open, { open: show, close }] = useDisclosure();
  useHotkeys([['mod+K', show]], []);
  return (
    <Group justify="flex-end" pb="sm">
      <Button variant="default" size="sm" onClick={show} rightSection={<Kbd size="xs">{TEXT.keys}</Kbd>}>
        {TEXT.open}
      </Button>
      <Modal opened={open} onClose={close} title={TEXT.title} size="lg" yOffset="10dvh">
        <Finder onLeave={close} />
      </Modal>
    </Group>
  );
}

function Finder({ onLeave }: { onLeave: () => void }) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed.trim(), PAUSE_MS);
  const asked = q.length >= 2;
  const { data, error } = useHeap('/v1/admin/find', { params: { query: { q } } }, { enabled: asked });
  const found = asked ? (data?.found ?? []) : [];
  return (
    <Stack gap="sm">
      <TextInput
        label={TEXT.label}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
        autoComplete="off"
      />
      {error && <Problem error={error} />}
      <div role="status">
        {!asked && <Text c="dimmed">{TEXT.waiting}</Text>}
        {asked && data && found.length === 0 && <Text>{TEXT.nothing}</Text>}
      </div>
      {found.map(({ kind, id, title, page }) => {
        const { pathname, searchParams } = new URL(page, location.origin);
        return (
          <NavLink
            key={`${kind} ${id}`}
            component={Link}
            to={pathname as '/admin'}
            search={Object.fromEntries(searchParams) as never}
            label={`${TEXT.kinds[kind]}: ${title}`}
            description={id}
            onClick={onLeave}
          />
        );
      })}
    </Stack>
  );
}
