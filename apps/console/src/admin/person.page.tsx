import { Alert, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { heap } from '../http/heap.js';
import { useHeap } from '../http/use-heap.js';
import { useMe } from '../http/use-me.js';
import { ADMIN } from '../text/admin.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Page } from '../ui-kit/page.js';
import { Deed } from './deed.js';
import { PersonParts } from './person-parts.js';
import type { Person } from './shapes.js';

type Role = Person['roles'][number];

const TEXT = ADMIN.person;
const ROLES = Object.keys(ADMIN.people.roles) as Role[];

/** Everything about one person, without their secrets, and what can be done with their account. */
export function PersonPage() {
  const { person_id } = useParams({ strict: false }) as { person_id: string };
  const query = useHeap('/v1/admin/people/{person_id}', { params: { path: { person_id } } }, { topics: ['admin:people'] });
  const { data: me } = useMe();
  return (
    <Loaded query={query}>
      {(person) => (
        <Page
          title={person.name}
          lead={`${person.email}, ${person.roles.map((role) => ADMIN.people.roles[role]).join(', ')}`}
          deeds={<Deeds person={person} myself={me?.id === person_id} />}
        >
          {person.suspended && <Alert color="red">{TEXT.suspended(person.suspended.reason)}</Alert>}
          {person.blocks.length > 0 && (
            <Alert color="yellow" title={TEXT.blocks}>
              {person.blocks.map(({ cause }) => (
                <Text key={cause} size="sm">
                  {cause}
                </Text>
              ))}
            </Alert>
          )}
          <PersonParts person={person} />
        </Page>
      )}
    </Loaded>
  );
}

function Deeds({ person, myself }: { person: Person; myself: boolean }) {
  const params = { path: { person_id: person.person_id } };
  const [roles, setRoles] = useState<string[]>([...person.roles]);
  return (
    <>
      {!myself && (
        <Deed
          label={TEXT.roles}
          title={TEXT.roles_title}
          act={(because) =>
            heap.POST('/v1/admin/people/{person_id}/roles', {
              params,
              body: { ...because, roles: ROLES.filter((role) => roles.includes(role)) },
            })
          }
        >
          <Checkbox.Group label={ADMIN.people.role} value={roles} onChange={setRoles}>
            <Stack gap="xs" py="xs">
              {ROLES.map((role) => (
                <Checkbox key={role} value={role} label={ADMIN.people.roles[role]} />
              ))}
            </Stack>
          </Checkbox.Group>
        </Deed>
      )}
      <Deed
        label={TEXT.sign_out}
        title={TEXT.sign_out_title}
        sentence={TEXT.sign_out_sentence}
        act={(body) => heap.POST('/v1/admin/people/{person_id}/sign-out', { params, body })}
      />
      {!myself && (
        <Group>
          {person.suspended ? (
            <Deed
              key="reinstate"
              label={TEXT.reinstate}
              title={TEXT.reinstate_title}
              sentence={TEXT.reinstate_sentence}
              act={(body) => heap.POST('/v1/admin/people/{person_id}/reinstate', { params, body })}
            />
          ) : (
            <Deed
              key="suspend"
              danger
              label={TEXT.suspend}
              title={TEXT.suspend_title}
              sentence={TEXT.suspend_sentence}
              act={(body) => heap.POST('/v1/admin/people/{person_id}/suspend', { params, body })}
            />
          )}
        </Group>
      )}
    </>
  );
}
