import { Injectable } from '@nestjs/common';
import type { QueryOf, ResponseOf, ROUTES } from '#protocol';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { AdminLog } from '../accounts/admin-log.commands.js';
import { LeasesCommands } from '../leases/leases.commands.js';
import { NodesQuery } from '../nodes/nodes.query.js';
import { SteeringCommands } from '../nodes/steering.commands.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { nodeNotThere, nodeUnchanged } from './administration.errors.js';
import { fromCursor, toCursor } from './cursor.js';
import { NodeDetailStore } from './node-detail.store.js';
import { type AdminNodeRow, NodeSearchStore } from './node-search.store.js';

type NodeList = ResponseOf<typeof ROUTES.searchNodes>;
type NodeDetail = ResponseOf<typeof ROUTES.inspectNode>;

/** Devices as admins see them, and what they do to them. */
@Injectable()
export class AdminNodesService {
  constructor(
    private readonly transactions: Transactions,
    private readonly found: NodeSearchStore,
    private readonly store: NodeDetailStore,
    private readonly nodes: NodesQuery,
    private readonly people: PeopleQuery,
    private readonly steering: SteeringCommands,
    private readonly leases: LeasesCommands,
    private readonly log: AdminLog,
  ) {}

  async search(query: QueryOf<typeof ROUTES.searchNodes>): Promise<NodeList> {
    const [rows, total] = await Promise.all([this.found.page(query, fromCursor(query.cursor)), this.found.count(query)]);
    const last = rows.length === query.limit ? rows.at(-1) : undefined;
    return { nodes: rows.map(listed), total, next: last ? toCursor(last.place, last.id) : null };
  }

  /** @throws HeapError `not_found`. */
  async inspect(node_id: string): Promise<NodeDetail> {
    const [view, row] = await Promise.all([this.nodes.view(node_id), this.row(node_id)]);
    if (!view || !row) throw nodeNotThere();
    const [facts, leases, results, penalties, changes, owner] = await Promise.all([
      this.store.facts(node_id),
      this.store.leases(node_id),
      this.store.results(node_id),
      this.store.penalties(node_id),
      this.store.changes(node_id),
      this.people.byId(row.owner_id),
    ]);
    const { leases: _, health_score: __, ...known } = listed(row);
    return {
      ...known,
      owner: { ...known.owner, name: owner?.name ?? known.owner.name },
      drained_at: facts.drained_at?.toISOString() ?? null,
      view,
      partner_id: facts.partner_id,
      cluster: facts.cluster_id === null ? null : { cluster_id: facts.cluster_id, owners: facts.cluster_owners },
      reputation: {
        results: facts.results,
        checked: facts.checked,
        confirmed_in_a_row: facts.confirmed,
        pending_checks: facts.pending,
        mismatches: facts.mismatches,
        banned: facts.banned,
      },
      leases: leases.map(({ id, code, sentence, tasks_charged, ...lease }) => ({
        ...lease,
        lease_id: id,
        reason: code === null ? null : { code, sentence: sentence ?? '' },
        price_micro: String(lease.price_micro),
        tasks: tasks_charged,
        charged_micro: String(lease.charged_micro),
        granted_at: lease.granted_at.toISOString(),
        ended_at: lease.ended_at?.toISOString() ?? null,
      })),
      results_last: results.map((one) => ({ ...one, charge_micro: String(one.charge_micro), finished_at: one.finished_at.toISOString() })),
      penalties: penalties.map(({ id, code, sentence, created_at, lapses_at, ...one }) => ({
        ...one,
        penalty_id: id,
        reason: { code, sentence },
        created_at: created_at.toISOString(),
        lapses_at: lapses_at?.toISOString() ?? null,
      })),
      presence_changes: changes.map(({ state, reason_code, reason_sentence, changed_at }) => ({
        state,
        reason: { code: reason_code, sentence: reason_sentence },
        changed_at: changed_at.toISOString(),
      })),
    };
  }

  /** @throws HeapError `not_found`, `node.conflict` when it is drained or out already. */
  async drain(admin_id: string, node_id: string, sentence: string): Promise<NodeDetail> {
    let tell = () => {};
    await this.deed(admin_id, node_id, 'node.drain', sentence, async (tx) => {
      const drained = await this.steering.drain(tx, node_id, sentence);
      if (drained) tell = await this.leases.drain(tx, [node_id]);
      return drained;
    });
    tell();
    this.steering.announce([node_id]);
    return this.inspect(node_id);
  }

  async fill(admin_id: string, node_id: string, sentence: string): Promise<NodeDetail> {
    await this.deed(admin_id, node_id, 'node.fill', sentence, (tx) => this.steering.fill(tx, node_id));
    this.steering.announce([node_id]);
    return this.inspect(node_id);
  }

  async revoke(admin_id: string, node_id: string, sentence: string): Promise<NodeDetail> {
    await this.deed(admin_id, node_id, 'node.revoke', sentence, (tx) => this.steering.revoke(tx, node_id, sentence));
    this.steering.announceRevoked(node_id);
    return this.inspect(node_id);
  }

  private async deed(
    admin_id: string,
    node_id: string,
    action: string,
    reason: string,
    work: (tx: Transaction) => Promise<boolean>,
  ): Promise<void> {
    if (!(await this.nodes.byId(node_id))) throw nodeNotThere();
    await this.transactions.run(async (tx) => {
      if (!(await work(tx))) throw nodeUnchanged();
      await this.log.add(tx, admin_id, action, node_id, { reason });
    });
  }

  private async row(node_id: string): Promise<AdminNodeRow | undefined> {
    const query = { q: node_id, gone: 'true', sort: 'enrolled', order: 'up', limit: 1 } as const;
    return (await this.found.page(query, null))[0];
  }
}

const listed = (row: AdminNodeRow): NodeList['nodes'][number] => ({
  node_id: row.id,
  name: row.name,
  kind: row.kind,
  owner: { person_id: row.owner_id, name: row.owner_name, email: row.owner_email },
  state: row.state === 'ONLINE' && row.leases > 0 ? 'BUSY' : row.state,
  presence: row.presence,
  reason: { code: row.reason_code, sentence: row.reason_sentence },
  region: row.region,
  agent_version: row.agent_version,
  health_score: row.health_score,
  speed_fuel_per_ms: row.speed_fuel_per_ms,
  standing: row.standing,
  results: row.results,
  mismatches: row.mismatches,
  leases: row.leases,
  drained: row.drained_at !== null,
  enrolled_at: row.enrolled_at.toISOString(),
  last_seen_at: row.last_seen_at?.toISOString() ?? null,
});
