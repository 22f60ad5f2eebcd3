import { Inject, Injectable } from '@nestjs/common';
import type { BodyOf, QueryOf, ResponseOf, ROUTES } from '#protocol';
import { StepUp } from '../accounts/accounts.commands.js';
import { AdminLog } from '../accounts/admin-log.commands.js';
import { PeopleCommands } from '../accounts/people.commands.js';
import { BlocksCommands } from '../funding/blocks.commands.js';
import { LeasesCommands } from '../leases/leases.commands.js';
import { BalancesQuery } from '../money/balances.query.js';
import { SteeringCommands } from '../nodes/steering.commands.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import type { PersonCaller } from '../platform/http/caller.js';
import { personNotThere } from './administration.errors.js';
import { type AdminPersonRow, PeopleSearchStore } from './people-search.store.js';

type PersonList = ResponseOf<typeof ROUTES.searchPeople>;
type PersonDetail = ResponseOf<typeof ROUTES.inspectPerson>;
type Because = BodyOf<typeof ROUTES.suspendPerson>;

/** Follows "No money can be held for new work:". */
const SUSPENDED = 'the account is suspended';

/** People as admins see them, and what they do to accounts. */
@Injectable()
export class AdminPeopleService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: PeopleSearchStore,
    private readonly balances: BalancesQuery,
    private readonly step_up: StepUp,
    private readonly people: PeopleCommands,
    private readonly blocks: BlocksCommands,
    private readonly steering: SteeringCommands,
    private readonly leases: LeasesCommands,
    private readonly log: AdminLog,
  ) {}

  async search(query: QueryOf<typeof ROUTES.searchPeople>): Promise<PersonList> {
    const [rows, total] = await Promise.all([this.store.page(query), this.store.count(query)]);
    const last = rows.length === query.limit ? rows.at(-1) : undefined;
    return { people: rows.map(listed), total, next: last?.id ?? null };
  }

  /** @throws HeapError `person.not_found`. */
  async inspect(person_id: string): Promise<PersonDetail> {
    const row = await this.store.find(person_id);
    if (!row) throw personNotThere();
    const [balances, nodes, jobs, payouts, deposits, sessions, blocks, counts] = await Promise.all([
      this.balances.ofPerson(person_id),
      this.store.nodes(person_id),
      this.store.jobs(person_id),
      this.store.payouts(person_id),
      this.store.deposits(person_id),
      this.store.sessions(person_id),
      this.store.blocks(person_id),
      this.store.counts(person_id),
    ]);
    const { developer, owner } = balances;
    return {
      ...listed(row),
      email_verified: row.email_verified,
      credentials_changed_at: row.credentials_changed_at?.toISOString() ?? null,
      balance: {
        currency: this.config.currency,
        simulated: this.config.simulated_payments,
        developer: {
          available_micro: String(developer.available),
          held_micro: String(developer.held),
          promo_micro: String(developer.promo),
          spent_micro: String(developer.spent),
        },
        owner: {
          pending_micro: String(owner.pending),
          available_micro: String(owner.available),
          reserve_micro: String(owner.reserve),
          earned_micro: String(owner.earned),
        },
      },
      nodes_last: nodes,
      jobs_last: jobs.map(({ id, code, sentence, ...job }) => ({
        job_id: id,
        name: job.name,
        state: job.state,
        reason: { code, sentence },
        charged_micro: String(job.charged_micro),
        created_at: job.created_at.toISOString(),
      })),
      payouts_last: payouts.map(({ id, state, amount, code, sentence, requested_at }) => ({
        payout_id: id,
        state,
        amount_micro: String(amount),
        reason: { code, sentence },
        requested_at: requested_at.toISOString(),
      })),
      deposits_last: deposits.map(({ id, state, amount, created_at }) => ({
        deposit_id: id,
        state,
        amount_micro: String(amount),
        created_at: created_at.toISOString(),
      })),
      sessions: sessions.map(({ created_at, expires_at, ...session }) => ({
        ...session,
        created_at: created_at.toISOString(),
        expires_at: expires_at.toISOString(),
      })),
      api_keys: counts.api_keys,
      blocks: blocks.map(({ cause, since }) => ({ cause, since: since.toISOString() })),
      penalties: counts.penalties,
      cluster: counts.cluster_id === null ? null : { cluster_id: counts.cluster_id, owners: counts.cluster_owners },
    };
  }

  /** Their sessions end, their keys are refused, their jobs stop, their devices finish what they have; their money stays where it is. */
  async suspend(caller: PersonCaller, person_id: string, body: Because): Promise<PersonDetail> {
    let tell = () => {};
    let drained: string[] = [];
    await this.deed(caller, person_id, 'person.suspend', body, {}, async (tx) => {
      await this.people.suspend(tx, caller.person_id, person_id, body.reason);
      await this.blocks.block(tx, person_id, SUSPENDED);
      drained = await this.steering.drainOwner(tx, person_id);
      tell = await this.leases.drain(tx, drained);
    });
    await this.people.announce(person_id);
    this.blocks.announce(person_id);
    tell();
    this.steering.announce(drained);
    return this.inspect(person_id);
  }

  async reinstate(caller: PersonCaller, person_id: string, body: Because): Promise<PersonDetail> {
    let filled: string[] = [];
    await this.deed(caller, person_id, 'person.reinstate', body, {}, async (tx) => {
      await this.people.reinstate(tx, caller.person_id, person_id);
      await this.blocks.lift(tx, person_id, SUSPENDED);
      filled = await this.steering.fillOwner(tx, person_id);
    });
    await this.people.announce(person_id);
    this.steering.announce(filled);
    return this.inspect(person_id);
  }

  async setRoles(caller: PersonCaller, person_id: string, body: BodyOf<typeof ROUTES.setPersonRoles>): Promise<PersonDetail> {
    const { roles } = body;
    const before: string[] = [];
    await this.deed(caller, person_id, 'person.roles', body, { roles, before }, async (tx) => {
      before.splice(0, before.length, ...(await this.people.setRoles(tx, caller.person_id, person_id, roles)));
    });
    await this.people.announce(person_id);
    return this.inspect(person_id);
  }

  async endSessions(caller: PersonCaller, person_id: string, body: Because): Promise<PersonDetail> {
    const told = { ended: 0 };
    await this.deed(caller, person_id, 'person.sign_out', body, told, async (tx) => {
      told.ended = await this.people.endSessions(tx, person_id);
    });
    await this.people.announce(person_id);
    return this.inspect(person_id);
  }

  private async deed(
    caller: PersonCaller,
    person_id: string,
    action: string,
    { reason, password }: Because,
    detail: object,
    work: (tx: Transaction) => Promise<void>,
  ): Promise<void> {
    await this.step_up.assert(caller, password);
    await this.transactions.run(async (tx) => {
      await work(tx);
      await this.log.add(tx, caller.person_id, action, person_id, { reason, ...detail });
    });
  }
}

const listed = (row: AdminPersonRow): PersonList['people'][number] => ({
  person_id: row.id,
  name: row.name,
  email: row.email,
  roles: row.roles,
  suspended:
    row.suspended_at === null ? null : { at: row.suspended_at.toISOString(), by: row.suspended_by, reason: row.suspended_reason ?? '' },
  nodes: row.nodes,
  jobs_live: row.jobs_live,
  created_at: row.created_at.toISOString(),
  last_signed_in_at: row.last_signed_in_at?.toISOString() ?? null,
});
