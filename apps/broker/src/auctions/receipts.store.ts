import { Inject, Injectable } from '@nestjs/common';
import type { Candle, Receipt } from '#auction';
import { Database, type Transaction } from '#database';
import type { MarketName } from '#units';
import { leadLost } from './lead.store.js';

export interface RoundRow {
  id: string;
  market: MarketName;
  number: bigint;
  receipt: Receipt;
  hash: string;
  previous_hash: string | null;
  cleared_at: Date;
}

export interface RoundHeadRow extends Omit<RoundRow, 'receipt'> {
  orders: number;
  offers: number;
  sold: number;
  low_micro: string | null;
  high_micro: string | null;
}

export interface NewRound extends Omit<RoundRow, 'cleared_at'> {
  leader_epoch: bigint;
  /** What it adds to each candle, and the jobs to which it sold; none where all that was sold is buyers' own. */
  sold: Candle | undefined;
  sold_to: readonly string[];
}

const COLUMNS = 'id, market, number, receipt, hash, previous_hash, cleared_at';
/** Minutes are kept for so long; hours and days for good. */
const MINUTES_KEPT_DAYS = 30;

@Injectable()
export class ReceiptsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The database's clock; a round is dated by it. */
  async now(tx: Transaction): Promise<Date> {
    const { rows } = await tx.query<{ now: Date }>('SELECT now()');
    return rows[0]?.now ?? new Date(Number.NaN);
  }

  /** The end of a market's chain of receipts. */
  async last(tx: Transaction, market: MarketName): Promise<{ number: bigint; hash: string } | null> {
    const { rows } = await tx.query<{ number: bigint; hash: string }>(
      'SELECT number, hash FROM round WHERE market = $1 ORDER BY number DESC LIMIT 1',
      [market],
    );
    return rows[0] ?? null;
  }

  /**
   * Writes a round, and with it what it adds to charts and fill times: one statement, so that a round counts once or not at all. The
   * epoch's row guards it against a deposed leader, the trigger `round_continues` against a receipt that does not follow the last one.
   * @throws HeapError `lead_lost` when the market has a newer epoch: nothing was written.
   */
  async insert(tx: Transaction, round: NewRound, candle_terms_ms: readonly number[]): Promise<void> {
    const { sold } = round;
    const { rows } = await tx.query<{ written: number }>(
      `WITH made AS (
         INSERT INTO round (id, market, number, leader_epoch, receipt, hash, previous_hash)
         SELECT $1, $2, $3, $4, $5, $6, $7 FROM market_leader WHERE market = $2 AND epoch = $4
         RETURNING id, market, cleared_at
       ), filled AS (
         INSERT INTO fill (job_id, market, round_id, filled_at, waited_ms)
         SELECT j.id, m.market, m.id, m.cleared_at, GREATEST(0, extract(epoch FROM m.cleared_at - j.created_at) * 1000)
         FROM made m, (SELECT id, created_at FROM job WHERE id = ANY ($8::uuid[])
                       UNION ALL SELECT id, created_at FROM reservation WHERE id = ANY ($8::uuid[])) AS j
         ON CONFLICT (job_id) DO NOTHING
       ), drawn AS (
         INSERT INTO candle (market, term_ms, from_at, open_micro, close_micro, high_micro, low_micro, volume, rounds, closed_at)
         SELECT m.market, t.term_ms, date_bin(make_interval(secs => t.term_ms / 1000.0), m.cleared_at, 'epoch'),
           $10::bigint, $11::bigint, $12::bigint, $13::bigint, $14::bigint, 1, m.cleared_at
         FROM made m, unnest($9::int[]) AS t(term_ms) WHERE $14::bigint IS NOT NULL
         ON CONFLICT (market, term_ms, from_at) DO UPDATE SET
           close_micro = excluded.close_micro, high_micro = GREATEST(candle.high_micro, excluded.high_micro),
           low_micro = LEAST(candle.low_micro, excluded.low_micro), volume = candle.volume + excluded.volume, rounds = candle.rounds + 1,
           closed_at = excluded.closed_at
       ), dropped AS (
         DELETE FROM candle c USING made m
         WHERE c.market = m.market AND c.term_ms = $15 AND c.from_at < m.cleared_at - make_interval(days => $16)
       )
       SELECT count(*)::int AS written FROM made`,
      [
        ...[round.id, round.market, round.number, round.leader_epoch, JSON.stringify(round.receipt), round.hash, round.previous_hash],
        ...[round.sold_to, candle_terms_ms],
        ...[sold?.open, sold?.close, sold?.high, sold?.low, sold?.volume].map((value) => value ?? null),
        ...[Math.min(...candle_terms_ms), MINUTES_KEPT_DAYS],
      ],
    );
    if (rows[0]?.written !== 1) throw leadLost(round.market);
  }

  async find(round_id: string): Promise<RoundRow | null> {
    const { rows } = await this.database.query<RoundRow>(`SELECT ${COLUMNS} FROM round WHERE id = $1`, [round_id]);
    return rows[0] ?? null;
  }

  /** A market's receipts by their number. */
  async page(market: MarketName, after: number, since: string | undefined, limit: number): Promise<RoundRow[]> {
    const { rows } = await this.database.query<RoundRow>(
      `SELECT ${COLUMNS} FROM round WHERE market = $1 AND number > $2 AND cleared_at >= COALESCE($3::timestamptz, '-infinity')
       ORDER BY number LIMIT $4`,
      [market, after, since ?? null, limit],
    );
    return rows;
  }

  /** The last rounds of a market, or those before a number, read from their receipts. */
  async heads(market: MarketName, before: number | undefined, limit: number): Promise<RoundHeadRow[]> {
    const { rows } = await this.database.query<RoundHeadRow>(
      `SELECT id, market, number, hash, previous_hash, cleared_at, jsonb_array_length(receipt #> '{body,inputs,orders}') AS orders,
         jsonb_array_length(receipt #> '{body,inputs,offers}') AS offers, s.sold, s.low_micro, s.high_micro
       FROM (SELECT * FROM round WHERE market = $1 AND ($2::bigint IS NULL OR number < $2) ORDER BY number DESC LIMIT $3) AS r,
         LATERAL (SELECT COALESCE(sum((a->>'slots')::int), 0)::int AS sold, min((a->>'price')::bigint)::text AS low_micro,
                    max((a->>'price')::bigint)::text AS high_micro
                  FROM jsonb_array_elements(r.receipt #> '{body,outputs,assignments}') AS a) AS s
       ORDER BY number DESC`,
      [market, before ?? null, limit],
    );
    return rows;
  }
}
