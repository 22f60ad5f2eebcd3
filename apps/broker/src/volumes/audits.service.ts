import { randomInt } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { kernel, leafCount, verify } from '#erasure';
import { AUDIT_RULES, type AuditOutcome, type AuditRules, nextAudit, STANDING_RULES } from '#placement';
import { type Body, PIECE_LIMITS } from '#protocol';
import { DispatchCommands } from '../dispatch/dispatch.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { type Transaction, Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { ReservationsCommands } from '../reservations/reservations.commands.js';
import { type AuditRow, AuditsStore, type Challenge } from './audits.store.js';
import { Losses } from './losses.service.js';
import { PiecesStore, type Touched } from './pieces.store.js';
import { Standings } from './standings.service.js';
import { NodeStorageChanged } from './volumes.events.js';

type Answer = Body<'audit.answer'>;

/** Devices asked in one turn. */
const NODES = 200;
/** Before a lease ends, what it is owed is proven. */
const BEFORE_END_MS = 2 * 3_600_000;
const REMEMBERED_DAYS = 31;
/** storage.md: silence in an audit is followed by three requests. */
const SILENCE_MAX = STANDING_RULES.recheck_ms.length;

/** What each answer came to. */
interface Judged {
  passed: string[];
  lost: string[];
  corrupt: string[];
}

/**
 * Asks devices at random times for random leaves of what they keep. An answer is checked by the root alone; each passed audit pays for the time since the
 * one before. Wrong bytes are proof. Silence is asked about again, the same, until it counts as a loss.
 */
@Injectable()
export class Audits {
  private readonly log = new Logger(Audits.name);
  private readonly rules: AuditRules;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly store: AuditsStore,
    private readonly pieces: PiecesStore,
    private readonly standings: Standings,
    private readonly losses: Losses,
    private readonly reservations: ReservationsCommands,
    private readonly dispatch: DispatchCommands,
    private readonly bus: EventBus,
  ) {
    const every_ms = config.audit_seconds * 1_000;
    const scale = every_ms / AUDIT_RULES.every_ms;
    this.rules = { ...AUDIT_RULES, every_ms, slack_ms: AUDIT_RULES.slack_ms * scale, day_ms: AUDIT_RULES.day_ms * scale };
  }

  /** A turn of the clock: asks whoever is due, and judges silence. */
  async look(): Promise<void> {
    for (const { id, node_id, connected } of await this.store.late()) await this.unanswered(id, node_id, connected);
    const due = await this.store.due(PIECE_LIMITS.challenges, NODES, this.rules.day_ms, Math.min(BEFORE_END_MS, this.rules.every_ms));
    const by_node = new Map<string, Challenge[]>();
    for (const { node_id, piece_id, bytes } of due)
      by_node.set(node_id, [...(by_node.get(node_id) ?? []), { piece_id, leaf: randomInt(leafCount(bytes)) }]);
    for (const [node_id, challenges] of by_node) await this.ask({ id: newId(), node_id, challenges });
    for (const { node_id, challenges } of await this.store.rechecks(NODES)) {
      const kept = new Set(
        await this.store.kept(
          challenges.map(({ piece_id }) => piece_id),
          node_id,
        ),
      );
      const again = challenges.filter(({ piece_id }) => kept.has(piece_id));
      if (again.length > 0) await this.ask({ id: newId(), node_id, challenges: again });
      // Nothing is left of what it was silent about: another audit would have been no other.
      else await this.transactions.run((tx) => this.standings.after(tx, node_id, 'lost', { passed: 0, failed: 0, unanswered: 0 }));
    }
    await this.store.forget(REMEMBERED_DAYS);
  }

  private async ask(audit: AuditRow): Promise<void> {
    if (await this.store.begin(audit, this.config.audit_answer_ms))
      this.dispatch.tell(audit.node_id, 'audit', { audit_id: audit.id, challenges: audit.challenges });
  }

  /** A device answered. An audit that is over, or another's, is answered in vain. */
  async answered(node_id: string, { audit_id, answers }: Answer): Promise<void> {
    const machine = await kernel();
    const { lost, corrupt } = await this.transactions.run(async (tx) => {
      const challenges = await this.store.end(tx, audit_id, node_id, 'answered');
      if (!challenges) return { lost: [], corrupt: [] };
      const pieces = await this.store.lock(
        tx,
        challenges.map(({ piece_id }) => piece_id),
        node_id,
      );
      const judged: Judged = { passed: [], lost: [], corrupt: [] };
      for (const { id, bytes, root } of pieces) {
        const leaf = challenges.find(({ piece_id }) => piece_id === id)?.leaf ?? 0;
        const answer = answers.find(({ piece_id }) => piece_id === id);
        if (!answer || answer.data === null) judged.lost.push(id);
        else if (isProof(machine, { bytes, root, leaf }, answer.data, answer.proof)) judged.passed.push(id);
        else judged.corrupt.push(id);
      }
      return this.judge(tx, node_id, judged);
    });
    await this.losses.tell(node_id, [...lost, ...corrupt]);
    this.bus.publish(NodeStorageChanged, { node_id });
  }

  private async judge(
    tx: Transaction,
    node_id: string,
    { passed, lost, corrupt }: Judged,
  ): Promise<{ lost: Touched[]; corrupt: Touched[] }> {
    const gone = {
      lost: lost.length > 0 ? await this.pieces.lost(tx, lost, node_id, 'MISSING', 'not_there') : [],
      corrupt: corrupt.length > 0 ? await this.pieces.lost(tx, corrupt, node_id, 'CORRUPT', 'wrong_bytes') : [],
    };
    if (passed.length > 0) await this.reward(tx, passed);
    const counts = { passed: passed.length, failed: lost.length + corrupt.length, unanswered: 0 };
    const outcome: AuditOutcome = corrupt.length > 0 ? 'corrupt' : lost.length > 0 ? 'lost' : 'passed';
    if (counts.passed + counts.failed > 0) await this.standings.after(tx, node_id, outcome, counts);
    return gone;
  }

  private async reward(tx: Transaction, piece_ids: readonly string[]): Promise<void> {
    const reports = await this.store.pay(tx, piece_ids, this.config.piece_missing_seconds);
    const refused = await this.reservations.auditedIn(tx, reports);
    if (refused.length > 0)
      this.log.warn({ refused }, 'audits of leases that ended meanwhile, or more than they can have kept, were not paid');
    const due = (await this.store.passed(tx, piece_ids)).map(({ id, now_ms, ...device }) => ({
      id,
      due_ms: nextAudit(now_ms, device, Math.random, this.rules),
    }));
    await this.store.schedule(tx, due);
  }

  private async unanswered(id: string, node_id: string, connected: boolean): Promise<void> {
    const lost = await this.transactions.run(async (tx) => {
      const challenges = await this.store.end(tx, id, node_id, connected ? 'silent' : 'away');
      if (!challenges || !connected) return [];
      const ids = challenges.map(({ piece_id }) => piece_id);
      const too_long = await this.store.silent(tx, ids, node_id, SILENCE_MAX);
      await this.standings.after(tx, node_id, 'silent', { passed: 0, failed: too_long.length, unanswered: 1 });
      return too_long.length > 0 ? this.pieces.lost(tx, too_long, node_id, 'MISSING', 'silent') : [];
    });
    await this.losses.tell(node_id, lost);
    this.bus.publish(NodeStorageChanged, { node_id });
  }
}

function isProof(
  machine: Awaited<ReturnType<typeof kernel>>,
  { bytes, root, leaf }: { bytes: number; root: string; leaf: number },
  data: string,
  proof: readonly string[],
): boolean {
  return verify(machine, { root, piece_bytes: bytes, range: { first: leaf, count: 1 }, bytes: Buffer.from(data, 'base64'), proof });
}
