import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Presence } from '#protocol';
import type { MarketName, Micro, NodeKind } from '#units';
import { firstIdSince } from '../platform/ids.js';

export interface NodeGroup {
  kind: NodeKind;
  presence: Presence['state'] | null;
  region: string | null;
  nodes: number;
}

export interface WorkFigures {
  jobs_live: number;
  jobs_waiting: number;
  tasks_queued: number;
  tasks_leased: number;
  oldest_job_id: string | null;
  oldest_at: Date | null;
}

export interface Settled {
  tasks: number;
  gross: Micro;
  net: Micro;
  fee: Micro;
}

export interface MarketFigures {
  market: MarketName;
  price_micro: Micro | null;
  traded_at: Date | null;
  round_number: bigint | null;
  cleared_at: Date | null;
  leader_epoch: bigint | null;
  leader_seen_at: Date | null;
  silent: boolean;
}

export interface CareFigures {
  penalties_active: number;
  nodes_banned: number;
  objections_open: number;
  disputes_open: number;
  journals_proposed: number;
  checks_waiting: number;
  outbox_open: number;
  inbox_open: number;
  payouts_open: number;
  suspended_movements: number;
  suspended_net: Micro;
  suspended_since: Date | null;
}

export interface InvariantState {
  invariant: string;
  holds: boolean;
  detail: string;
  checked_at: Date;
}

/** A market whose leader was not heard of for so long has none; the others would have taken over by then. */
const SILENT = "interval '10 seconds'";
/** Ids are made before their row is written, by another clock. */
const SLACK_MS = 10_000;

/** What the heap is at this moment. Each read is a look into an index, or a count over nodes or jobs that are not over. */
@Injectable()
export class FiguresStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async now(): Promise<Date> {
    return (await this.database.query<{ now: Date }>('SELECT now()')).rows[0]?.now ?? new Date();
  }

  /** A node is where it says, or where its owner's rules say; otherwise nobody knows. */
  async nodes(): Promise<NodeGroup[]> {
    const { rows } = await this.database.query<NodeGroup>(
      `SELECT n.kind, n.presence, COALESCE(n.region, r.region) AS region, count(*)::int AS nodes
       FROM node n LEFT JOIN owner_rules r ON r.owner_id = n.owner_id WHERE n.state <> 'REVOKED' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    );
    return rows;
  }

  async versions(): Promise<{ version: string | null; nodes: number }[]> {
    const { rows } = await this.database.query<{ version: string | null; nodes: number }>(
      `SELECT agent_version AS version, count(*)::int AS nodes FROM node WHERE state <> 'REVOKED' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50`,
    );
    return rows;
  }

  async work(): Promise<WorkFigures> {
    const { rows } = await this.database.query<WorkFigures>(
      `SELECT w.*, o.id AS oldest_job_id, o.created_at AS oldest_at
       FROM (SELECT count(*)::int AS jobs_live, (count(*) FILTER (WHERE state = 'QUEUED'))::int AS jobs_waiting,
               COALESCE(sum(queued), 0)::float8 AS tasks_queued, COALESCE(sum(leased), 0)::float8 AS tasks_leased
             FROM job WHERE state IN ('QUEUED', 'RUNNING')) AS w
       LEFT JOIN (SELECT id, created_at FROM job WHERE state IN ('QUEUED', 'RUNNING') AND queued > 0 ORDER BY created_at LIMIT 1) AS o ON true`,
    );
    return rows[0] as WorkFigures;
  }

  async waitingFor(): Promise<{ code: string; sentence: string; jobs: number }[]> {
    const { rows } = await this.database.query<{ code: string; sentence: string; jobs: number }>(
      `SELECT reason_code AS code, min(reason_sentence) AS sentence, count(*)::int AS jobs FROM job WHERE state = 'QUEUED'
       GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT 20`,
    );
    return rows;
  }

  /** What was charged in the last so many milliseconds before the present stretch of time began; 0 is up to now. */
  async settled(within_ms: number, whole: 'now' | 'minute'): Promise<Settled> {
    const until = whole === 'now' ? 'clock_timestamp()' : "date_trunc('minute', now())";
    const { rows } = await this.database.query<Settled>(
      `SELECT COALESCE(sum(tasks), 0)::float8 AS tasks, COALESCE(sum(gross), 0)::bigint AS gross, COALESCE(sum(net), 0)::bigint AS net,
         COALESCE(sum(fee), 0)::bigint AS fee
       FROM capture WHERE id >= $1::uuid AND captured_at >= ${until} - make_interval(secs => $2::float8 / 1000) AND captured_at < ${until}`,
      [firstIdSince((whole === 'now' ? within_ms : within_ms + 60_000) + SLACK_MS), within_ms],
    );
    return rows[0] as Settled;
  }

  /** Executions that ended without a result that counts. */
  async failures(within_ms: number): Promise<number> {
    const { rows } = await this.database.query<{ failures: number }>(
      `SELECT count(*)::float8 AS failures FROM attempt
       WHERE finished_at >= now() - make_interval(secs => $1::float8 / 1000) AND outcome IN ('retried', 'lost')`,
      [within_ms],
    );
    return rows[0]?.failures ?? 0;
  }

  async markets(markets: readonly MarketName[]): Promise<MarketFigures[]> {
    const { rows } = await this.database.query<MarketFigures>(
      `SELECT m.market, c.price_micro, c.closed_at AS traded_at, r.number AS round_number, r.cleared_at, l.epoch AS leader_epoch,
         b.seen_at AS leader_seen_at, COALESCE(b.seen_at < clock_timestamp() - ${SILENT}, true) AS silent
       FROM unnest($1::text[]) WITH ORDINALITY AS m(market, place)
       LEFT JOIN LATERAL (SELECT close_micro AS price_micro, closed_at FROM candle
         WHERE market = m.market AND term_ms = 86400000 ORDER BY from_at DESC LIMIT 1) AS c ON true
       LEFT JOIN LATERAL (SELECT number, cleared_at FROM round WHERE market = m.market ORDER BY number DESC LIMIT 1) AS r ON true
       LEFT JOIN market_leader l ON l.market = m.market LEFT JOIN market_beat b ON b.market = m.market ORDER BY m.place`,
      [markets],
    );
    return rows;
  }

  /** Signed: debits are positive. */
  async balances(currency: string): Promise<{ code: number; balance: Micro }[]> {
    const { rows } = await this.database.query<{ code: number; balance: Micro }>(
      'SELECT code, sum(balance)::bigint AS balance FROM ledger_account WHERE currency = $1 GROUP BY code ORDER BY code',
      [currency],
    );
    return rows;
  }

  async invariants(): Promise<InvariantState[]> {
    const { rows } = await this.database.query<InvariantState>(
      `SELECT invariant, bool_and(holds) AS holds, COALESCE(string_agg(detail, ' ') FILTER (WHERE NOT holds), '') AS detail,
         min(checked_at) AS checked_at FROM invariant_check GROUP BY invariant ORDER BY invariant`,
    );
    return rows;
  }

  async care(): Promise<CareFigures> {
    const { rows } = await this.database.query<CareFigures>(
      `SELECT (SELECT count(*)::int FROM penalty WHERE state = 'ACTIVE') AS penalties_active,
         (SELECT count(*)::int FROM node_standing WHERE banned IS NOT NULL) AS nodes_banned,
         (SELECT count(*)::int FROM objection WHERE state = 'OPEN') AS objections_open,
         (SELECT count(*)::int FROM payment_dispute WHERE state = 'OPEN') AS disputes_open,
         (SELECT count(*)::int FROM manual_journal WHERE state = 'PROPOSED' AND expires_at > now()) AS journals_proposed,
         (SELECT count(*)::int FROM result_check WHERE state IN ('WANTED', 'OUT')) AS checks_waiting,
         (SELECT count(*)::int FROM outbox_message WHERE state IN ('PENDING', 'UNKNOWN')) AS outbox_open,
         (SELECT count(*)::int FROM provider_event WHERE applied_at IS NULL) AS inbox_open,
         (SELECT count(*)::int FROM payout WHERE state IN ('REQUESTED', 'SCREENED', 'TRANSFER_SENT', 'UNKNOWN', 'TRANSFERRED', 'BANK_PENDING'))
           AS payouts_open,
         s.* FROM (SELECT count(*)::int AS suspended_movements, COALESCE(sum(net), 0)::bigint AS suspended_net, min(suspended_at) AS suspended_since
                   FROM provider_transaction WHERE suspended_at IS NOT NULL AND explained_at IS NULL) AS s`,
    );
    return rows[0] as CareFigures;
  }
}
