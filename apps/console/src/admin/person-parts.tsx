import { Text } from '@mantine/core';
import { ADMIN } from '../text/admin.en.js';
import { Money } from '../ui-kit/money.js';
import { Reason } from '../ui-kit/reason.js';
import { When } from '../ui-kit/when.js';
import css from './admin.module.css';
import { HeapLink } from './heap-link.js';
import { Facts, Part, Rows } from './part.js';
import type { Person } from './shapes.js';

const TEXT = ADMIN.person;
const COLUMNS = ADMIN.jobs.columns;

/** What somebody has, does and did. */
export function PersonParts({ person }: { person: Person }) {
  const { developer, owner, currency } = person.balance;
  const money = (micro: string) => <Money micro={micro} currency={currency} />;
  return (
    <>
      <div className={css.cards}>
        <Part head={TEXT.developer}>
          <Facts
            facts={[
              [TEXT.available, money(developer.available_micro)],
              [TEXT.held, money(developer.held_micro)],
              [TEXT.promo, money(developer.promo_micro)],
              [TEXT.spent, money(developer.spent_micro)],
            ]}
          />
        </Part>
        <Part head={TEXT.owner}>
          <Facts
            facts={[
              [TEXT.pending, money(owner.pending_micro)],
              [TEXT.payable, money(owner.available_micro)],
              [TEXT.reserve, money(owner.reserve_micro)],
              [TEXT.earned, money(owner.earned_micro)],
            ]}
          />
        </Part>
        <Part head={TEXT.nodes} deeds={<HeapLink page={`/admin/nodes?owner_id=${person.person_id}`}>{TEXT.all_nodes}</HeapLink>}>
          <Rows
            label={TEXT.nodes}
            columns={[COLUMNS.name, ADMIN.nodes.kind, ADMIN.nodes.presence]}
            empty={TEXT.no_nodes}
            rows={person.nodes_last.map((node) => [
              node.node_id,
              [
                <HeapLink key="name" page={`/admin/nodes/${node.node_id}`}>
                  {node.name}
                </HeapLink>,
                ADMIN.nodes.kinds[node.kind],
                ADMIN.glance.presences[node.presence ?? 'never'],
              ],
            ])}
          />
        </Part>
        <Part head={TEXT.jobs}>
          <Rows
            label={TEXT.jobs}
            columns={[COLUMNS.name, COLUMNS.reason, COLUMNS.charged, COLUMNS.created]}
            empty={TEXT.no_jobs}
            rows={person.jobs_last.map((job) => [
              job.job_id,
              [
                <HeapLink key="name" page={`/admin/jobs/${job.job_id}`}>
                  {job.name}
                </HeapLink>,
                <Reason key="reason" reason={job.reason} />,
                money(job.charged_micro),
                <When key="at" at={job.created_at} />,
              ],
            ])}
          />
        </Part>
        <Part head={TEXT.payouts}>
          <Rows
            label={TEXT.payouts}
            columns={[COLUMNS.state, ADMIN.money.amount, COLUMNS.reason, ADMIN.log.columns.at]}
            empty={TEXT.no_payouts}
            rows={person.payouts_last.map((payout) => [
              payout.payout_id,
              [
                payout.state,
                money(payout.amount_micro),
                <Reason key="reason" reason={payout.reason} />,
                <When key="at" at={payout.requested_at} />,
              ],
            ])}
          />
        </Part>
        <Part head={TEXT.deposits}>
          <Rows
            label={TEXT.deposits}
            columns={[COLUMNS.state, ADMIN.money.amount, ADMIN.log.columns.at]}
            empty={TEXT.no_deposits}
            rows={person.deposits_last.map((deposit) => [
              deposit.deposit_id,
              [deposit.state, money(deposit.amount_micro), <When key="at" at={deposit.created_at} />],
            ])}
          />
        </Part>
      </div>
      <Part head={TEXT.sessions}>
        <Rows
          label={TEXT.sessions}
          columns={[ADMIN.people.columns.signed_in, ADMIN.person.session_columns.address, ADMIN.person.session_columns.browser]}
          empty={TEXT.no_sessions}
          rows={person.sessions.map((session, i) => [
            `${session.created_at} ${i}`,
            [<When key="at" at={session.created_at} absolute />, session.ip_address ?? '–', session.user_agent ?? '–'],
          ])}
        />
        <Text size="sm" c="dimmed">
          {TEXT.api_keys(person.api_keys)}. <span className={css.hash}>{person.person_id}</span>
        </Text>
      </Part>
    </>
  );
}
