import { Inject, Injectable } from '@nestjs/common';
import { Database, type Queryable, type Transaction } from '#database';
import type { Micro } from '#units';
import type { Claim, Penalty, Standing } from '#verification';
import { EventBus } from '../platform/bus/event-bus.js';
import { tellPeople } from '../platform/bus/tell-people.js';
import { PenaltiesChanged } from './verification.events.js';

export interface PenaltyRow {
  id: string;
  node_id: string;
  owner_id: string;
  kind: Penalty['kind'];
  state: 'ACTIVE' | 'LAPSED' | 'OVERTURNED' | 'LIFTED';
  code: string;
  sentence: string;
  job_id: string | null;
  index: number | null;
  epoch: number | null;
  standing_before: Standing | null;
  voided: Micro;
  imposed_by: string | null;
  created_at: Date;
  lapses_at: Date | null;
  appealed_at: Date | null;
  appeal_text: string | null;
  appeal_check_id: string | null;
  decided_at: Date | null;
  decided_by: string | null;
  decision_code: string | null;
  decision: string | null;
  /** By the database's clock. */
  age_ms: number;
}

/** As people see it: with what the device said, and what is right. */
export interface SeenPenalty extends PenaltyRow {
  said: WireClaim | null;
  right: WireClaim | null;
}

/** As JSON has it. */
type WireClaim = Omit<Claim, 'fuel_used'> & { fuel_used: number };

export interface NewPenalty
  extends Pick<PenaltyRow, 'id' | 'node_id' | 'owner_id' | 'kind' | 'code' | 'sentence' | 'job_id' | 'index' | 'epoch' | 'imposed_by'> {
  lapses_after_ms: number | null;
  standing_before: Standing | null;
}

const SELECT = 'SELECT p.*, (extract(epoch FROM now() - p.created_at) * 1000)::float8 AS age_ms FROM penalty p';

const SEEN = `SELECT p.*, (extract(epoch FROM now() - p.created_at) * 1000)::float8 AS age_ms,
    CASE WHEN a.verdict IS NOT NULL THEN json_build_object('verdict', a.verdict, 'exit_code', a.exit_code, 'fuel_used', a.fuel_used, 'output_hash', a.output_hash) END AS said,
    CASE WHEN r.job_id IS NOT NULL THEN json_build_object('verdict', r.right_verdict, 'exit_code', r.right_exit_code, 'fuel_used', r.right_fuel,
      'output_hash', r.right_output_hash) END AS right
  FROM penalty p LEFT JOIN attempt a ON a.job_id = p.job_id AND a.index = p.index AND a.epoch = p.epoch
  LEFT JOIN refuted_result r ON r.job_id = p.job_id AND r.index = p.index AND r.epoch = p.epoch`;

@Injectable()
export class PenaltiesStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    private readonly bus: EventBus,
  ) {}

  async insert(tx: Transaction, p: NewPenalty): Promise<void> {
    await tx.query(
      `INSERT INTO penalty (id, node_id, owner_id, kind, code, sentence, job_id, index, epoch, imposed_by, standing_before, lapses_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, now() + make_interval(secs => $11::float8 / 1000))`,
      [
        ...[p.id, p.node_id, p.owner_id, p.kind, p.code, p.sentence, p.job_id, p.index, p.epoch, p.imposed_by, p.lapses_after_ms],
        p.standing_before === null ? null : JSON.stringify(p.standing_before),
      ],
    );
    this.tell(tx, [p]);
  }

  lock(tx: Transaction, id: string): Promise<PenaltyRow | null> {
    return one(tx, `${SELECT} WHERE p.id = $1 FOR NO KEY UPDATE`, [id]);
  }

  async byId(id: string): Promise<SeenPenalty | null> {
    const { rows } = await this.database.query<SeenPenalty>(`${SEEN} WHERE p.id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** Penalties that rest on one result: a lie bans several nodes. */
  async onEvidence(tx: Transaction, job_id: string, index: number, epoch: number): Promise<PenaltyRow[]> {
    const { rows } = await tx.query<PenaltyRow>(
      `${SELECT} WHERE p.job_id = $1 AND p.index = $2 AND p.epoch = $3 AND p.state = 'ACTIVE' ORDER BY p.id FOR NO KEY UPDATE`,
      [job_id, index, epoch],
    );
    return rows;
  }

  async byAppeal(tx: Transaction, check_id: string): Promise<PenaltyRow | null> {
    return one(tx, `${SELECT} WHERE p.appeal_check_id = $1 FOR NO KEY UPDATE`, [check_id]);
  }

  /** @returns false when it was appealed before, or is not in force. */
  async appeal(tx: Transaction, id: string, text: string, check_id: string): Promise<boolean> {
    const { rows } = await tx.query<{ owner_id: string }>(
      `UPDATE penalty SET appealed_at = now(), appeal_text = $2, appeal_check_id = $3 WHERE id = $1 AND appealed_at IS NULL AND state = 'ACTIVE'
       RETURNING owner_id`,
      [id, text, check_id],
    );
    this.tell(tx, rows);
    return rows.length === 1;
  }

  /** Ends penalties in force, or only writes down a decision that leaves them so. @returns which. */
  async decide(
    tx: Transaction,
    ids: readonly string[],
    state: PenaltyRow['state'],
    decision: { by: string | null; code: string; sentence: string },
  ): Promise<string[]> {
    const { rows } = await tx.query<{ id: string; owner_id: string }>(
      `UPDATE penalty SET state = $2::penalty_state, decided_at = now(), decided_by = $3, decision_code = $4, decision = $5
       WHERE id = ANY($1) AND state = 'ACTIVE' RETURNING id, owner_id`,
      [ids, state, decision.by, decision.code, decision.sentence],
    );
    this.tell(tx, rows);
    return rows.map((row) => row.id);
  }

  private tell(tx: Transaction, changed: readonly { owner_id: string }[]): void {
    const person_ids = new Set(changed.map(({ owner_id }) => owner_id));
    tx.afterCommit(() => tellPeople(this.bus, PenaltiesChanged, person_ids));
  }

  /** Bans whose time is over. */
  async due(tx: Transaction, limit: number): Promise<PenaltyRow[]> {
    const { rows } = await tx.query<PenaltyRow>(
      `${SELECT} WHERE p.state = 'ACTIVE' AND p.lapses_at <= now() ORDER BY p.id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED`,
      [limit],
    );
    return rows;
  }

  /** Probations that were served: every result that was to be checked was right. */
  async endServed(confirmed: number): Promise<void> {
    await this.database.query(
      `UPDATE penalty p SET state = 'LAPSED' FROM node_standing s
       WHERE s.node_id = p.node_id AND p.state = 'ACTIVE' AND p.kind = 'probation' AND s.confirmed >= $1`,
      [confirmed],
    );
  }

  /** Other bans of a node that are in force. */
  async stillBanned(tx: Transaction, node_ids: readonly string[]): Promise<Set<string>> {
    const { rows } = await tx.query<{ node_id: string }>(
      "SELECT node_id FROM penalty WHERE node_id = ANY($1) AND state = 'ACTIVE' AND kind <> 'probation'",
      [node_ids],
    );
    return new Set(rows.map((row) => row.node_id));
  }

  async list(by: { owner_id: string } | { all: true }, page: { before?: string | undefined; limit: number }): Promise<SeenPenalty[]> {
    const { rows } = await this.database.query<SeenPenalty>(
      `${SEEN} WHERE ($1::uuid IS NULL OR p.owner_id = $1) AND ($2::uuid IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3`,
      ['owner_id' in by ? by.owner_id : null, page.before ?? null, page.limit],
    );
    return rows;
  }
}

async function one(db: Queryable, sql: string, values: readonly unknown[]): Promise<PenaltyRow | null> {
  const { rows } = await db.query<PenaltyRow>(sql, values);
  return rows[0] ?? null;
}
