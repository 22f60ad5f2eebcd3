import { Button, Group, NumberInput, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { heap } from '../http/heap.js';
import { type AnswerOf, useHeap, useHeapDeed } from '../http/use-heap.js';
import { useMe } from '../http/use-me.js';
import { ADMIN } from '../text/admin.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Money } from '../ui-kit/money.js';
import { Problem } from '../ui-kit/problem.js';
import { When } from '../ui-kit/when.js';
import { Deed } from './deed.js';
import { Part, Rows } from './part.js';
import type { Solvency } from './shapes.js';
import { Tag } from './tag.js';

type Journal = AnswerOf<'/v1/admin/journals', 'get'>['journals'][number];
interface Entry {
  account: number | '';
  person: string;
  amount: string;
}

const TEXT = ADMIN.money;
const EMPTY: Entry = { account: '', person: '', amount: '' };

/** Movements at the provider that nothing explains; whoever knows what one was proposes its journal. */
export const Suspense = ({ books }: { books: Solvency }) => (
  <Part head={TEXT.suspense}>
    <Rows
      label={TEXT.suspense}
      columns={[ADMIN.list.id, TEXT.what, TEXT.amount, ADMIN.log.columns.at, ADMIN.list.deeds]}
      empty={TEXT.no_suspense}
      rows={books.suspense.map((one) => [
        one.transaction_id,
        [
          one.transaction_id,
          one.type,
          <Money key="net" micro={one.net_micro} currency={books.currency} />,
          <When key="at" at={one.since} />,
          <Explain key="explain" transaction_id={one.transaction_id} />,
        ],
      ])}
    />
  </Part>
);

function Explain({ transaction_id }: { transaction_id: string }) {
  const [account, setAccount] = useState<number | string>('');
  const [person, setPerson] = useState('');
  return (
    <Deed
      small
      label={TEXT.explain}
      title={TEXT.explain_title}
      sentence={TEXT.propose_sentence}
      act={({ reason }) =>
        heap.POST('/v1/admin/suspense/{transaction_id}', {
          params: { path: { transaction_id } },
          body: { reason, account: Number(account), person_id: person.trim() || null },
        })
      }
    >
      <NumberInput label={TEXT.explain_account} value={account} onChange={setAccount} required hideControls />
      <TextInput label={TEXT.person} value={person} onChange={(event) => setPerson(event.currentTarget.value)} />
    </Deed>
  );
}

/** Journals by hand: one admin proposes, another approves. */
export function Journals() {
  const query = useHeap('/v1/admin/journals', {}, { topics: ['admin:money'] });
  const { data: about } = useHeap('/v1/heap', {});
  return (
    <Part head={TEXT.journals} deeds={<Propose />}>
      <Loaded query={query}>
        {({ journals }) => (
          <Rows
            label={TEXT.journals}
            columns={[ADMIN.deed.reason, TEXT.what, TEXT.state, ADMIN.log.columns.at, ADMIN.list.deeds]}
            empty={TEXT.no_journals}
            rows={journals.map((journal) => [
              journal.manual_id,
              [
                journal.reason,
                <Entries key="entries" journal={journal} currency={about?.currency ?? 'USD'} />,
                <Tag key="state" variant="light">
                  {TEXT.states[journal.state]}
                </Tag>,
                <When key="at" at={journal.proposed_at} />,
                journal.state === 'PROPOSED' && <Decide key="decide" journal={journal} />,
              ],
            ])}
          />
        )}
      </Loaded>
    </Part>
  );
}

const Entries = ({ journal, currency }: { journal: Journal; currency: string }) => (
  <Stack gap={0}>
    {journal.entries.map(({ account, person_id, amount_micro }) => (
      <Text size="sm" key={`${account} ${person_id} ${amount_micro}`}>
        {account}: <Money micro={amount_micro} currency={currency} />
      </Text>
    ))}
  </Stack>
);

function Decide({ journal }: { journal: Journal }) {
  const { data: me } = useMe();
  const decide = useHeapDeed('post', '/v1/admin/journals/{manual_id}/decision', { stale: ['/v1/admin/journals', '/v1/admin/solvency'] });
  const say = (approve: boolean) =>
    decide.mutate(
      { params: { path: { manual_id: journal.manual_id } }, body: { approve } },
      { onSuccess: () => notifications.show({ message: ADMIN.deed.done }) },
    );
  const mine = me?.id === journal.proposed_by;
  return (
    <Stack gap="xs">
      {decide.error && <Problem error={decide.error} />}
      {mine && (
        <Text size="sm" c="dimmed">
          {TEXT.proposed_by_you}
        </Text>
      )}
      <Group gap="xs" wrap="nowrap">
        {!mine && (
          <Button size="compact-md" loading={decide.isPending} onClick={() => say(true)}>
            {TEXT.approve}
          </Button>
        )}
        <Button size="compact-md" variant="default" loading={decide.isPending} onClick={() => say(false)}>
          {TEXT.reject}
        </Button>
      </Group>
    </Stack>
  );
}

function Propose() {
  const [entries, setEntries] = useState<readonly Entry[]>([EMPTY, EMPTY]);
  const set = (at: number, change: Partial<Entry>) => setEntries(entries.map((entry, i) => (i === at ? { ...entry, ...change } : entry)));
  return (
    <Deed
      label={TEXT.propose}
      title={TEXT.propose_title}
      sentence={TEXT.propose_sentence}
      act={async ({ reason }) => {
        const drafted = entries.map(({ account, person, amount }) => ({
          account: Number(account),
          person_id: person.trim() || null,
          amount_micro: amount.trim(),
        }));
        await heap.POST('/v1/admin/journals', { body: { reason, entries: drafted } });
        setEntries([EMPTY, EMPTY]);
      }}
    >
      {entries.map((entry, i) => (
        <Group key={i} grow align="flex-end" gap="xs" role="group" aria-label={TEXT.entry(i + 1)}>
          <NumberInput
            label={TEXT.entry_account}
            value={entry.account}
            onChange={(value) => set(i, { account: value === '' ? '' : Number(value) })}
            required
            hideControls
          />
          <TextInput
            label={TEXT.entry_amount}
            value={entry.amount}
            onChange={(event) => set(i, { amount: event.currentTarget.value })}
            required
          />
          <TextInput label={TEXT.person} value={entry.person} onChange={(event) => set(i, { person: event.currentTarget.value })} />
        </Group>
      ))}
      <Button variant="subtle" size="sm" onClick={() => setEntries([...entries, EMPTY])} disabled={entries.length >= 20}>
        {TEXT.add_entry}
      </Button>
    </Deed>
  );
}

/** Takes back what results earned that were proven wrong. */
export function Correction() {
  const [job, setJob] = useState('');
  const [tasks, setTasks] = useState('');
  const { data: about } = useHeap('/v1/heap', {});
  const amount = (micro: string) => `${Number(BigInt(micro)) / 1e6} ${about?.currency ?? ''}`;
  return (
    <Deed
      label={TEXT.correct}
      title={TEXT.correct_title}
      sentence={TEXT.correct_sentence}
      danger
      act={async ({ reason }) => {
        const numbers = tasks.split(/[\s,]+/).filter((word) => word !== '');
        const { data } = await heap.POST('/v1/admin/corrections', { body: { job_id: job.trim(), tasks: numbers.map(Number), reason } });
        if (data)
          notifications.show({
            message: TEXT.corrected(amount(data.refunded_micro), amount(data.clawed_back_micro), amount(data.debt_micro)),
            autoClose: 15_000,
          });
      }}
    >
      <TextInput label={TEXT.correct_job} value={job} onChange={(event) => setJob(event.currentTarget.value)} required />
      <Textarea label={TEXT.correct_tasks} value={tasks} onChange={(event) => setTasks(event.currentTarget.value)} required autosize />
    </Deed>
  );
}
