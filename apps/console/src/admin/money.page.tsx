import { Text } from '@mantine/core';
import { useHeap } from '../http/use-heap.js';
import { ADMIN } from '../text/admin.en.js';
import { ADMIN_NAV } from '../text/areas-nav.en.js';
import { Loaded } from '../ui-kit/loaded.js';
import { Money } from '../ui-kit/money.js';
import { Page } from '../ui-kit/page.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { HeapLink, PersonLink } from './heap-link.js';
import { Correction, Journals, Suspense } from './journals.js';
import { Part, Rows } from './part.js';
import type { Solvency } from './shapes.js';
import { Campaigns, Partners } from './sharing.js';
import { Tag } from './tag.js';

const TEXT = ADMIN.money;
const CLASSES = Object.keys(TEXT.classes) as (keyof typeof TEXT.classes)[];

/** What the heap has, owes and earned, and what a person must look at. */
export function MoneyPage() {
  const query = useHeap('/v1/admin/solvency', {}, { topics: ['admin:money'] });
  return (
    <Page title={TEXT.title} lead={TEXT.lead} deeds={<Correction />}>
      <Loaded query={query}>
        {(books) => (
          <>
            <div className={css.cards}>
              <Books books={books} />
              <Rules books={books} />
            </div>
            <Suspense books={books} />
            <Journals />
            <Trouble books={books} />
            <div className={css.cards}>
              <Campaigns currency={books.currency} />
              <Partners currency={books.currency} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Books({ books }: { books: Solvency }) {
  const { currency, provider_balance_micro: theirs, ledger_balance_micro: ours } = books;
  const rows = CLASSES.flatMap((of) =>
    books[of].map(
      ({ account, name, amount_micro }) =>
        [String(account), [TEXT.classes[of], account, name, <Money key="amount" micro={amount_micro} currency={currency} />]] as const,
    ),
  );
  return (
    <Part head={`${ADMIN.glance.surplus}: ${Number(BigInt(books.surplus_micro)) / 1e6} ${currency}`}>
      {books.simulated && <Text c="dimmed">{ADMIN.glance.simulated}</Text>}
      <Rows label={TEXT.title} columns={[ADMIN.list.what, TEXT.account, TEXT.name, TEXT.amount]} rows={rows} empty="" />
      <Text size="sm">
        {theirs === null
          ? TEXT.provider_silent
          : TEXT.provider_says(`${Number(BigInt(theirs)) / 1e6} ${currency}`, `${Number(BigInt(ours)) / 1e6} ${currency}`)}{' '}
        {TEXT.backlog(books.outbox.open, TEXT.outbox)}, {TEXT.backlog(books.inbox.open, TEXT.inbox)}.
      </Text>
    </Part>
  );
}

const Rules = ({ books }: { books: Solvency }) => (
  <Part head={TEXT.invariants}>
    <Rows
      label={TEXT.invariants}
      columns={[TEXT.rule, TEXT.what, TEXT.state, TEXT.checked]}
      empty={ADMIN.glance.never}
      rows={books.invariants.map(({ invariant, name, holds, detail, checked_at }) => [
        invariant,
        [
          invariant,
          holds ? name : `${name}: ${detail}`,
          <Tag key="state" color={holds ? 'heap' : 'red'}>
            {holds ? TEXT.holds : TEXT.broken}
          </Tag>,
          <When key="at" at={checked_at} />,
        ],
      ])}
    />
  </Part>
);

const Trouble = ({ books }: { books: Solvency }) => (
  <div className={css.cards}>
    <Part head={TEXT.disputes}>
      <Rows
        label={TEXT.disputes}
        columns={[ADMIN.people.columns.name, TEXT.amount, TEXT.unspent, ADMIN.log.columns.at]}
        empty={TEXT.no_disputes}
        rows={books.disputes.map((one) => [
          one.dispute_id,
          [
            <PersonLink key="person" id={one.person_id} name={one.person_id.slice(-12)} />,
            <Money key="amount" micro={one.amount_micro} currency={books.currency} />,
            <Money key="unspent" micro={one.unspent_micro} currency={books.currency} />,
            <When key="at" at={one.opened_at} />,
          ],
        ])}
      />
    </Part>
    <Part head={TEXT.alarms} deeds={<HeapLink page="/admin/settings">{ADMIN_NAV.settings}</HeapLink>}>
      <Rows
        label={TEXT.alarms}
        columns={[TEXT.name, ADMIN.list.number, ADMIN.log.columns.detail, ADMIN.log.columns.at]}
        empty={TEXT.no_alarms}
        rows={books.alarms.map((one) => [one.name, [one.name, one.count, one.detail, <When key="at" at={one.last_at} />]])}
      />
    </Part>
  </div>
);
