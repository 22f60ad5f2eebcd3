import { Inject, Injectable } from '@nestjs/common';
import { OWN_VERIFIER_LIMITS, type PenaltyView, type ResponseOf, type ROUTES } from '#protocol';
import { APPEAL_DAYS, checksWait, LEVEL_RULES, LEVELS, levelTerms, NEWCOMER, reputation } from '#verification';
import { AdminLog } from '../accounts/admin-log.commands.js';
import { BansCommands } from '../nodes/bans.commands.js';
import { NodesQuery } from '../nodes/nodes.query.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { AppealsService } from './appeals.service.js';
import { checkedBy } from './checked-by.js';
import { ClustersStore } from './clusters.store.js';
import { OwnVerifiersStore, type SeenVerifier } from './own-verifiers.store.js';
import { PenaltiesStore, type PenaltyRow, type SeenPenalty } from './penalties.store.js';
import { noConsequences, ProofsService } from './proofs.service.js';
import { ReferenceStore } from './reference.store.js';
import { budgetReason } from './reference-budget.js';
import { StandingStore } from './standing.store.js';
import { jobNotFound, nodeNotFound, penaltyNotFound } from './verification.errors.js';
import { ViewsStore } from './views.store.js';

const CHECKS_SHOWN = 20;
const SUSPECTS_SHOWN = 100;
const REJECTIONS_SHOWN = 20;
const WINDOWS = new Map(LEVELS.map((level) => [level, LEVEL_RULES[level].window_results] as const));

type Page = { before?: string | undefined; limit: number };

/** What developers, owners and admins see of verification, and what admins may change. */
@Injectable()
export class ViewsService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: ViewsStore,
    private readonly reference: ReferenceStore,
    private readonly verifiers: OwnVerifiersStore,
    private readonly standings: StandingStore,
    private readonly penalties: PenaltiesStore,
    private readonly clusters: ClustersStore,
    private readonly appeals: AppealsService,
    private readonly proofs: ProofsService,
    private readonly nodes: NodesQuery,
    private readonly bans: BansCommands,
    private readonly log: AdminLog,
  ) {}

  levels(): ResponseOf<typeof ROUTES.listLevels> {
    const own_verifier = { price_micro: String(this.config.verifier_price_micro), fuel_limit_max: OWN_VERIFIER_LIMITS.fuel };
    return { levels: LEVELS.map(levelTerms), own_verifier };
  }

  /** @throws HeapError `not_found`. */
  async job(person_id: string, job_id: string): Promise<ResponseOf<typeof ROUTES.getJobVerification>> {
    const row = await this.store.job(job_id, person_id, WINDOWS);
    if (!row) throw jobNotFound();
    const [today, verifier] = [await this.reference.today(), await this.verifiers.view(job_id, REJECTIONS_SHOWN)];
    const { level, provisional, final, refuted, unchecked, waiting, waiting_heap, by_nodes, by_reference, agreed, differed, paid_back } =
      row;
    return {
      ...levelTerms(level),
      job_id,
      checked_by:
        (waiting > 0 && LEVEL_RULES[level].by === 'nodes' && budgetReason(this.config, today)) ||
        checkedBy(level, { by_nodes, by_reference }, verifier !== null),
      results: { provisional, final, refuted, unchecked },
      checks: {
        ...{ waiting, by_nodes, by_reference, agreed, differed },
        waits: checksWait({ nodes: waiting - waiting_heap, heap: waiting_heap }),
      },
      paid_back_micro: String(paid_back),
      own_verifier: verifier && verifierView(verifier),
    };
  }

  /** @throws HeapError `not_found`, also for another owner's node. */
  async reputation(owner_id: string, node_id: string): Promise<ResponseOf<typeof ROUTES.getReputation>> {
    const conduct = await this.store.conduct(node_id);
    if (conduct?.owner_id !== owner_id) throw nodeNotFound();
    const standing = (await this.standings.of([node_id])).get(node_id);
    const parts = reputation(LEVEL_RULES.L1, standing ?? NEWCOMER, conduct, standing?.mismatches ?? 0, (standing?.banned ?? null) !== null);
    const checks = await this.store.checksOf(node_id, CHECKS_SHOWN);
    return {
      node_id,
      ...parts,
      checks: checks.map((c) => ({
        job_id: c.job_id,
        index: c.index,
        state: c.state,
        reason: { code: c.reason_code, sentence: c.reason_sentence },
        outcome: c.outcome_code === null ? null : { code: c.outcome_code, sentence: c.outcome_sentence ?? '' },
        ordered_at: c.wanted_at.toISOString(),
        decided_at: c.decided_at?.toISOString() ?? null,
      })),
    };
  }

  async ofOwner(owner_id: string, page: Page): Promise<PenaltyView[]> {
    return (await this.penalties.list({ owner_id }, page)).map(penaltyView);
  }

  async all(page: Page): Promise<PenaltyView[]> {
    return (await this.penalties.list({ all: true }, page)).map(penaltyView);
  }

  async appeal(owner_id: string, penalty_id: string, text: string): Promise<PenaltyView> {
    return penaltyView(await this.appeals.appeal(owner_id, penalty_id, text));
  }

  async lift(admin_id: string, penalty_id: string, sentence: string, pay_back: boolean): Promise<PenaltyView> {
    return penaltyView(await this.appeals.lift(admin_id, penalty_id, sentence, pay_back));
  }

  async suspects(): Promise<ResponseOf<typeof ROUTES.listSuspects>> {
    const today = await this.reference.today();
    return {
      nodes: await this.store.suspects(SUSPECTS_SHOWN),
      clusters: await this.clusters.list(SUSPECTS_SHOWN),
      reference: {
        fuel_today: String(today.fuel),
        fuel_per_day: String(this.config.reference_fuel_per_day),
        waiting: today.waiting,
        reason: budgetReason(this.config, today),
      },
    };
  }

  /** @throws HeapError `not_found` for a node that is banned already too. */
  async ban(admin_id: string, node_id: string, sentence: string): Promise<PenaltyView> {
    const node = await this.nodes.byId(node_id);
    if (!node || node.state === 'REVOKED') throw nodeNotFound();
    const told = noConsequences();
    const penalty_id = await this.transactions.run(async (tx) => {
      told.banned.clear();
      const id = await this.proofs.banByAdmin(tx, { node_id, owner_id: node.owner_id }, admin_id, sentence, told);
      await this.log.add(tx, admin_id, 'node.ban', node_id, { sentence, penalty_id: id });
      return id;
    });
    this.bans.announce([...told.banned]);
    const row = await this.penalties.byId(penalty_id);
    if (!row) throw penaltyNotFound();
    return penaltyView(row);
  }
}

const APPEAL_MS = APPEAL_DAYS * 86_400_000;

const canAppeal = ({ state, appealed_at, job_id, decision, age_ms }: PenaltyRow): boolean =>
  state === 'ACTIVE' && decision === null && appealed_at === null && job_id !== null && age_ms <= APPEAL_MS;

function howToAppeal({ state, appealed_at, job_id, decision, age_ms }: PenaltyRow): string {
  if (state !== 'ACTIVE') return 'It is over: there is nothing to appeal.';
  if (decision !== null) return 'Its one independent run has been made.';
  if (appealed_at !== null) return 'An appeal is open: the task is run once more, and that decides.';
  if (job_id === null) return 'An admin imposed it: write to the heap.';
  if (age_ms > APPEAL_MS) return `It could be appealed for ${APPEAL_DAYS} days.`;
  return `Appeal within ${APPEAL_DAYS} days: \`heap penalties --appeal <id> --because "…"\`. The task is then run once more, independently.`;
}

const penaltyView = (row: SeenPenalty): PenaltyView => ({
  penalty_id: row.id,
  node_id: row.node_id,
  owner_id: row.owner_id,
  kind: row.kind,
  state: row.state,
  reason: { code: row.code, sentence: row.sentence },
  evidence:
    row.job_id === null || row.index === null || row.epoch === null
      ? null
      : { job_id: row.job_id, index: row.index, epoch: row.epoch, said: row.said, right: row.right },
  voided_micro: String(row.voided),
  created_at: row.created_at.toISOString(),
  lapses_at: row.lapses_at?.toISOString() ?? null,
  appeal: row.appealed_at === null ? null : { at: row.appealed_at.toISOString(), text: row.appeal_text ?? '' },
  decision:
    row.decided_at === null
      ? null
      : { code: row.decision_code ?? 'decided', sentence: row.decision ?? '', at: row.decided_at.toISOString() },
  appeal_by: canAppeal(row) ? new Date(row.created_at.getTime() + APPEAL_MS).toISOString() : null,
  how_to_appeal: howToAppeal(row),
});

const STATES = { ACTIVE: 'active', STOPPED: 'stopped', CLOSED: 'closed' } as const;

function verifierView(v: SeenVerifier): NonNullable<ResponseOf<typeof ROUTES.getJobVerification>['own_verifier']> {
  const { module_hash, waiting, accepted, rejected, upheld, overruled, failed, skipped, rejections } = v;
  return {
    module_hash,
    // One that had stopped says so also when its job is over.
    state: v.stop_code === null ? STATES[v.state] : 'stopped',
    reason: v.stop_code === null ? null : { code: v.stop_code, sentence: v.stop_sentence ?? '' },
    fuel_limit: Number(v.fuel_limit),
    price_micro: String(v.price_micro),
    budget_micro: String(v.budget),
    charged_micro: String(v.charged),
    results: { waiting, accepted, rejected, upheld, overruled, failed, skipped },
    rejections,
  };
}
