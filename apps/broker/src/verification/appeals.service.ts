import { Injectable } from '@nestjs/common';
import { decideAppeal, decideOnAppeal, LEVEL_RULES, lapsed, NEWCOMER, type OnRecord, probationLeft, reinstated } from '#verification';
import { AdminLog } from '../accounts/admin-log.commands.js';
import { BansCommands } from '../nodes/bans.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { CheckPay } from './check-pay.service.js';
import { ChecksStore } from './checks.store.js';
import { PenaltiesStore, type PenaltyRow, type SeenPenalty } from './penalties.store.js';
import type { Consequences } from './proofs.service.js';
import { type NodeStanding, StandingStore } from './standing.store.js';
import { appealRefused, nothingToRun, penaltyNotFound } from './verification.errors.js';
import { ReferenceWanted } from './verification.events.js';

const BATCH = 100;

/** How penalties end: by an appeal that an independent run decides, by an admin, by time. */
@Injectable()
export class AppealsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly penalties: PenaltiesStore,
    private readonly standings: StandingStore,
    private readonly checks: ChecksStore,
    private readonly pay: CheckPay,
    private readonly nodes: BansCommands,
    private readonly log: AdminLog,
    private readonly bus: EventBus,
  ) {}

  /** Orders the one independent run. @throws HeapError `not_found`, `penalty.appeal.conflict`. */
  async appeal(owner_id: string, penalty_id: string, text: string): Promise<SeenPenalty> {
    await this.transactions.run(async (tx) => {
      const row = await this.penalties.lock(tx, penalty_id);
      if (row?.owner_id !== owner_id) throw penaltyNotFound();
      const standing = (await this.standings.lock(tx, [row.node_id])).get(row.node_id);
      const { admitted, reason } = decideOnAppeal(recordOf(row, standing));
      if (!admitted) throw appealRefused(reason.sentence);
      if (row.job_id === null || row.index === null || row.epoch === null) throw nothingToRun();
      const id = newId();
      const { job_id, index, epoch: of_epoch, node_id } = row;
      const check = {
        id,
        job_id,
        index,
        of_epoch,
        node_id,
        kind: 'appeal' as const,
        by_reference: true,
        awaited: false,
        checker_confirmed: 0,
      };
      await this.checks.insert(tx, [{ ...check, reason }]);
      if (!(await this.penalties.appeal(tx, penalty_id, text, id))) throw appealRefused(reason.sentence);
    });
    this.bus.publish(ReferenceWanted, {});
    const row = await this.penalties.byId(penalty_id);
    if (!row) throw penaltyNotFound();
    return row;
  }

  /** The independent run is done. */
  async decide(tx: Transaction, check_id: string, agrees: boolean, told: Consequences): Promise<void> {
    const row = await this.penalties.byAppeal(tx, check_id);
    if (!row) return;
    const { granted, reason } = decideAppeal(agrees);
    const decision = { by: null, ...reason };
    if (!granted) {
      await this.penalties.decide(tx, [row.id], 'ACTIVE', decision);
      return;
    }
    if (row.job_id !== null) told.refuted_jobs.add(row.job_id);
    const { job_id, index, epoch } = row;
    const same = job_id !== null && index !== null && epoch !== null ? await this.penalties.onEvidence(tx, job_id, index, epoch) : [row];
    await this.end(tx, same, 'OVERTURNED', decision);
  }

  /** An admin lifts a penalty; what it took stays taken unless `pay_back`. @throws HeapError `not_found`. */
  async lift(admin_id: string, penalty_id: string, sentence: string, pay_back: boolean): Promise<SeenPenalty> {
    await this.transactions.run(async (tx) => {
      const row = await this.penalties.lock(tx, penalty_id);
      if (!row) throw penaltyNotFound();
      await this.end(tx, [row], pay_back ? 'OVERTURNED' : 'LIFTED', { by: admin_id, code: 'lifted_by_admin', sentence });
      await this.log.add(tx, admin_id, 'penalty.lift', penalty_id, { node_id: row.node_id, sentence, pay_back });
    });
    const row = await this.penalties.byId(penalty_id);
    if (!row) throw penaltyNotFound();
    return row;
  }

  /** Ends what time has ended. */
  async lapse(): Promise<void> {
    await this.penalties.endServed(LEVEL_RULES.L3.probation_results);
    await this.transactions.run(async (tx) => {
      const due = await this.penalties.due(tx, BATCH);
      if (due.length > 0) await this.end(tx, due, 'LAPSED', { by: null, code: 'lapsed', sentence: 'The penalty has lapsed.' });
    });
  }

  private async end(
    tx: Transaction,
    rows: readonly PenaltyRow[],
    state: 'LAPSED' | 'OVERTURNED' | 'LIFTED',
    decision: { by: string | null; code: string; sentence: string },
  ): Promise<void> {
    const ended = new Set(
      await this.penalties.decide(
        tx,
        rows.map(({ id }) => id),
        state,
        decision,
      ),
    );
    const over = rows.filter(({ id }) => ended.has(id));
    const nodes = [...new Set(over.map(({ node_id }) => node_id))];
    const banned = await this.penalties.stillBanned(tx, nodes);
    const free = nodes.filter((id) => !banned.has(id));
    const standings = await this.standings.lock(tx, free);
    // What was proven of a node counts no more; whose time is over, or who was forgiven, begins anew.
    for (const standing of standings.values()) Object.assign(standing, state === 'OVERTURNED' ? {} : NEWCOMER, { banned: null });
    if (state === 'OVERTURNED') for (const row of over) reinstate(standings.get(row.node_id), row);
    await this.standings.save(tx, [...standings.values()]);
    if (state === 'OVERTURNED') await this.pay.giveBack(tx, over);
    await this.nodes.unban(tx, free);
  }
}

/** The proof against it is taken off. */
function reinstate(standing: NodeStanding | undefined, { standing_before }: PenaltyRow): void {
  if (!standing || !standing_before) return;
  Object.assign(standing, reinstated(standing_before, standing), { mismatches: Math.max(0, standing.mismatches - 1) });
}

function recordOf(row: PenaltyRow, standing: NodeStanding | undefined): OnRecord {
  const lapses_after_ms = row.lapses_at === null ? null : row.lapses_at.getTime() - row.created_at.getTime();
  const record = {
    kind: row.kind,
    age_ms: row.age_ms,
    lapses_after_ms,
    probation_left: probationLeft(LEVEL_RULES.L3, standing ?? NEWCOMER),
    appeal: row.appealed_at === null ? ('none' as const) : ('open' as const),
  };
  // What an admin has lifted or time has ended is as if it had lapsed.
  return row.state === 'ACTIVE' || lapsed(record) ? record : { ...record, lapses_after_ms: 0 };
}
