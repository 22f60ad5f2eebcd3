import { Injectable } from '@nestjs/common';
import { reserveForfeited } from '#ledger';
import type { Micro } from '#units';
import {
  backtrack,
  ERROR_BAN_MS,
  isBan,
  LEVEL_RULES,
  LEVELS,
  type Level,
  type Offence,
  type Penalty,
  penalise,
  penalised,
  type Standing,
} from '#verification';
import { BalancesQuery } from '../money/balances.query.js';
import { DisputedMoney } from '../money/disputed.service.js';
import { MoneyService } from '../money/money.service.js';
import { BansCommands } from '../nodes/bans.commands.js';
import type { Transaction } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { CheckPay } from './check-pay.service.js';
import { ChecksStore, type NewCheck } from './checks.store.js';
import { Draws } from './draws.js';
import type { OwnTold } from './own-verdicts.service.js';
import { PenaltiesStore } from './penalties.store.js';
import { ProofsStore, type RightResult } from './proofs.store.js';
import type { Executed } from './reference.store.js';
import { type NodeStanding, StandingStore } from './standing.store.js';

/** A wrong execution, proven by the reference run. */
export interface Wrong {
  check_id: string;
  job_id: string;
  index: number;
  level: Level;
  executed: Executed;
  offence: Offence;
  right: RightResult;
}

/** An execution that was revealed as another than was committed to. */
export interface Broken {
  job_id: string;
  index: number;
  epoch: number;
  level: Level;
  node_id: string;
  owner_id: string;
}

/** Nodes that a transaction has banned, and jobs in which something was paid back or run again for an objection: told after it is committed. */
export interface Consequences extends OwnTold {
  banned: Set<string>;
  refuted_jobs: Set<string>;
  rerun_jobs: Set<string>;
}

export const noConsequences = (): Consequences => ({
  banned: new Set(),
  refuted_jobs: new Set(),
  rerun_jobs: new Set(),
  ended: [],
  reference: false,
  verify: false,
});

const WINDOWS = new Map(
  LEVELS.filter((level) => LEVEL_RULES[level].by === 'nodes').map((level) => [level, LEVEL_RULES[level].window_results] as const),
);

/** What follows from a proof: money goes back, the node and who stands with it are punished, what it has open is run again. */
@Injectable()
export class ProofsService {
  constructor(
    private readonly store: ProofsStore,
    private readonly penalties: PenaltiesStore,
    private readonly standings: StandingStore,
    private readonly checks: ChecksStore,
    private readonly draws: Draws,
    private readonly disputed: DisputedMoney,
    private readonly pay: CheckPay,
    private readonly money: MoneyService,
    private readonly balances: BalancesQuery,
    private readonly nodes: BansCommands,
  ) {}

  /** @param standings of all that ran the task, locked; they are changed and the caller saves them. */
  async refute(tx: Transaction, wrong: Wrong, standings: Map<string, NodeStanding>, told: Consequences): Promise<void> {
    const { executed, job_id, index, check_id, right, level } = wrong;
    const { node_id, owner_id, epoch } = executed;
    const { standing: after, penalty } = penalise(LEVEL_RULES[level], standings.get(node_id) ?? fresh(node_id, owner_id), wrong.offence);
    const { reason } = penalty;
    if (!(await this.store.refute(tx, { job_id, index, epoch, node_id, check_id, reason, right }))) return;
    const standing = standings.get(node_id);
    const before = standing ? { confirmed: standing.confirmed, checked: standing.checked, wrong_at: standing.wrong_at } : null;
    if (standing) Object.assign(standing, after, { mismatches: standing.mismatches + 1 });
    told.refuted_jobs.add(job_id);
    // It is out already, and what it had earned went back: one ban is enough.
    if (standing?.banned) return void (await this.takeBack(tx, wrong, penalty));
    const penalty_id = await this.impose(tx, { node_id, owner_id }, penalty, { job_id, index, epoch }, before);
    const taken = await this.takeBack(tx, wrong, penalty);
    if (taken > 0n) await this.store.addVoided(tx, penalty_id, taken);
    if (isBan(penalty)) await this.ban(tx, wrong, penalty, penalty_id, standings, told);
    else if (standing) await this.rerun(tx, standing, penalty);
  }

  /** A node revealed another result than it had committed to: proof enough, whatever the task comes to. */
  async breach(tx: Transaction, broken: Broken, told: Consequences): Promise<void> {
    const { node_id, owner_id, level, ...evidence } = broken;
    const standings = await this.standings.lock(tx, [node_id]);
    const standing = standings.get(node_id) ?? fresh(node_id, owner_id);
    if (standing.banned) return;
    const { confirmed, checked, wrong_at, mismatches } = standing;
    const { standing: after, penalty } = penalise(LEVEL_RULES[level], standing, 'commitment_broken');
    Object.assign(standing, after, { mismatches: mismatches + 1 });
    const id = await this.impose(tx, { node_id, owner_id }, penalty, evidence, { confirmed, checked, wrong_at });
    if (isBan(penalty)) {
      const taken = await this.voidAll(tx, [node_id]);
      if (taken > 0n) await this.store.addVoided(tx, id, taken);
      await this.ban(tx, { ...evidence, executed: broken }, penalty, id, standings, told);
    } else await this.rerun(tx, standing, penalty);
    await this.standings.save(tx, [standing]);
  }

  /** An admin bans a node: as for errors, without a proof. */
  async banByAdmin(tx: Transaction, node: { node_id: string; owner_id: string }, admin_id: string, sentence: string, told: Consequences) {
    return this.banDevice(tx, node, { code: 'banned_by_admin', sentence, by: 'admin', imposed_by: admin_id, lapses_after_ms: null }, told);
  }

  /** A device proved to have other bytes than it was given to keep: it is on record, or where that happened too often out, as for errors. */
  async wrongBytes(tx: Transaction, node: { node_id: string; owner_id: string }, ban: boolean, told: Consequences): Promise<void> {
    const reason = penalised(ban ? 'wrong_bytes_often' : 'wrong_bytes');
    if (ban)
      return void (await this.banDevice(tx, node, { ...reason, by: 'device', imposed_by: null, lapses_after_ms: ERROR_BAN_MS }, told));
    const record = { ...NO_EVIDENCE, imposed_by: null, lapses_after_ms: WRONG_BYTES_MS };
    await this.penalties.insert(tx, { id: newId(), ...node, kind: 'probation', ...reason, ...record });
  }

  private async banDevice(
    tx: Transaction,
    node: { node_id: string; owner_id: string },
    why: { code: string; sentence: string; by: 'admin' | 'device'; imposed_by: string | null; lapses_after_ms: number | null },
    told: Consequences,
  ): Promise<string> {
    const { code, sentence, by, imposed_by, lapses_after_ms } = why;
    const standings = await this.standings.lock(tx, [node.node_id]);
    const standing = standings.get(node.node_id);
    const penalty_id = newId();
    const record = { ...NO_EVIDENCE, imposed_by, lapses_after_ms };
    await this.penalties.insert(tx, { id: penalty_id, ...node, kind: 'ban_device', code, sentence, ...record });
    if (standing) {
      standing.banned = by;
      await this.rerun(tx, standing, { kind: 'ban_device' });
      await this.standings.save(tx, [standing]);
    }
    const taken = await this.voidAll(tx, [node.node_id]);
    if (taken > 0n) await this.store.addVoided(tx, penalty_id, taken);
    await this.nodes.ban(tx, [node.node_id], { code, sentence });
    told.banned.add(node.node_id);
    return penalty_id;
  }

  /** Who is banned is not in again with another device, or as somebody else who is paid into the same account: these share the penalty and its appeal. */
  async banFollowers(tx: Transaction, told: Consequences): Promise<void> {
    for (const { code, sentence, ...follower } of await this.store.followers(tx, FOLLOWERS_AT_ONCE)) {
      const { node_id, owner_id } = follower;
      // It may have no standing yet, and another worker may see it too: who has the row decides.
      const standing = (await this.standings.count(tx, [{ node_id, owner_id, results: 0 }])).get(node_id);
      if (!standing || standing.banned) continue;
      const id = newId();
      const record = { imposed_by: null, lapses_after_ms: null, standing_before: null };
      await this.penalties.insert(tx, { id, ...follower, kind: 'ban_identity', code, sentence, ...record });
      standing.banned = 'identity';
      await this.rerun(tx, standing, { kind: 'ban_identity' });
      await this.standings.save(tx, [standing]);
      const taken = await this.voidAll(tx, [node_id]);
      if (taken > 0n) await this.store.addVoided(tx, id, taken);
      await this.nodes.ban(tx, [node_id], { code, sentence });
      told.banned.add(node_id);
    }
  }

  /** Money for work of banned nodes that came in at the moment of their ban. */
  async voidLate(tx: Transaction): Promise<void> {
    const nodes = await this.store.bannedWithMoney(tx);
    if (nodes.length > 0) await this.voidAll(tx, nodes);
  }

  /** Everything that is held for work of these nodes, and for their checks. @returns the owners' part. */
  private async voidAll(tx: Transaction, nodes: readonly string[]): Promise<Micro> {
    const { refunded_net } = await this.disputed.voidHeldOf(tx, nodes);
    return refunded_net + (await this.pay.voidOf(tx, nodes));
  }

  private async impose(
    tx: Transaction,
    node: { node_id: string; owner_id: string },
    { kind, reason, lapses_after_ms }: Penalty,
    evidence: { job_id: string; index: number; epoch: number },
    standing_before: Standing | null,
  ): Promise<string> {
    const id = newId();
    await this.penalties.insert(tx, { id, ...node, kind, ...reason, ...evidence, imposed_by: null, lapses_after_ms, standing_before });
    return id;
  }

  /** Only an accepted result was charged to somebody as such; what a banned node has earned elsewhere goes back too. @returns the owner's part. */
  private async takeBack(tx: Transaction, { executed, job_id, index }: Wrong, penalty: Penalty) {
    const why = { reason: penalty.reason.sentence, ordered_by: null };
    const ban = isBan(penalty);
    let taken = 0n;
    if (executed.outcome === 'accepted') {
      const { refunded_net, clawed_back, debt } = await this.disputed.correct(tx, job_id, [index], why, ban ? 'nodes' : 'results');
      taken += refunded_net + clawed_back + debt;
    } else taken += await this.pay.voidExecution(tx, job_id, index, executed.epoch);
    if (ban) taken += await this.voidAll(tx, [executed.node_id]);
    return taken;
  }

  private async ban(
    tx: Transaction,
    { executed, job_id, index }: Pick<Wrong, 'job_id' | 'index'> & { executed: Pick<Executed, 'node_id' | 'owner_id' | 'epoch'> },
    penalty: Penalty,
    penalty_id: string,
    standings: Map<string, NodeStanding>,
    told: Consequences,
  ): Promise<void> {
    const with_owner = penalty.kind === 'ban_identity' ? await this.store.clusterNodes(tx, executed.owner_id) : [];
    const others = with_owner.filter(({ node_id }) => node_id !== executed.node_id);
    for (const node of others) {
      const id = await this.impose(tx, node, penalty, { job_id, index, epoch: executed.epoch }, null);
      const taken = await this.voidAll(tx, [node.node_id]);
      if (taken > 0n) await this.store.addVoided(tx, id, taken);
    }
    const all = [executed.node_id, ...others.map(({ node_id }) => node_id)];
    const more = await this.standings.lock(
      tx,
      all.filter((id) => !standings.has(id)),
    );
    for (const node_id of all) {
      const standing = standings.get(node_id) ?? more.get(node_id);
      if (!standing) continue;
      standing.banned = penalty.kind === 'ban_identity' ? 'identity' : 'device';
      await this.rerun(tx, standing, penalty);
      told.banned.add(node_id);
    }
    await this.standings.save(tx, [...more.values()]);
    if (penalty.forfeits_reserve) await this.forfeit(tx, penalty_id, executed.owner_id);
    const code = penalty.reason.code;
    await this.nodes.ban(tx, all, { code: `banned_${code}`, sentence: penalty.reason.sentence });
  }

  private async forfeit(tx: Transaction, penalty_id: string, owner: string): Promise<void> {
    const amount = await this.balances.ofAccount(2120, owner, tx);
    if (amount <= 0n) return;
    await this.money.record(tx, [reserveForfeited({ penalty_id, owner, amount })]);
    await this.store.addVoided(tx, penalty_id, amount);
  }

  /** What the node has open is run again as far as nobody has confirmed it. */
  private async rerun(tx: Transaction, standing: NodeStanding, penalty: Pick<Penalty, 'kind'> & { errors?: number }): Promise<void> {
    const open = await this.store.open(tx, standing.node_id, WINDOWS);
    const unconfirmed = open.filter(({ confirmed_by }) => confirmed_by === 'nobody').length;
    const checks = open.flatMap(({ confirmed_by, later_results, level, ...result }): NewCheck[] => {
      const suspect = { confirmed_by, later_results, unconfirmed };
      const { kind, reason } = backtrack(LEVEL_RULES[level], penalty, suspect, this.draws.next());
      const check = { id: newId(), ...result, node_id: standing.node_id, kind: 'reverify' as const };
      return kind === 'keep' ? [] : [{ ...check, by_reference: true, awaited: false, checker_confirmed: 0, reason }];
    });
    await this.checks.insert(tx, checks);
    standing.pending += checks.length;
    // Who is banned reports no more: what is open is final when these checks are done.
    if (isBan(penalty)) standing.closing = standing.results;
  }
}

const FOLLOWERS_AT_ONCE = 20;

/** How long wrong bytes stay on record. */
const WRONG_BYTES_MS = 30 * 86_400_000;

const NO_EVIDENCE = { job_id: null, index: null, epoch: null, lapses_after_ms: null, standing_before: null } as const;

const fresh = (node_id: string, owner_id: string): NodeStanding => ({
  node_id,
  owner_id,
  results: 0n,
  pending: 0,
  confirmed: 0,
  checked: 0,
  mismatches: 0,
  wrong_at: [],
  closed: 0n,
  closing: null,
  banned: null,
});
