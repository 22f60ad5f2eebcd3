import { Inject, Injectable } from '@nestjs/common';
import type { Candle } from '#auction';
import { Database } from '#database';
import type { MarketName, Micro } from '#units';

interface CandleRow {
  from_at: Date;
  open_micro: Micro;
  close_micro: Micro;
  high_micro: Micro;
  low_micro: Micro;
  volume: bigint;
  rounds: number;
  fill_ms_median: number | null;
  fill_ms_most: number | null;
}

/** A job's first result: from its slot to the result, of which the task itself took `wall_ms`. */
export interface FirstResult {
  first_ms: number;
  wall_ms: number;
  fuel_used: bigint;
}

/** What one settled task burned and took. */
export interface Measured {
  fuel_used: bigint;
  wall_ms: number;
}

/** A median is that of the fills themselves: medians of minutes do not add up to one of an hour. */
const FILLS = `LATERAL (
  SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY f.waited_ms) AS fill_ms_median, max(f.waited_ms) AS fill_ms_most
  FROM fill f WHERE f.market = c.market AND f.filled_at >= c.from_at AND f.filled_at < c.until_at
) AS w`;

@Injectable()
export class PricesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** The last candles of a market that begin before an instant, oldest first. */
  async candles(market: MarketName, term_ms: number, before: string | undefined, limit: number): Promise<Candle[]> {
    const { rows } = await this.database.query<CandleRow>(
      `SELECT c.*, w.* FROM (
         SELECT *, from_at + make_interval(secs => term_ms / 1000.0) AS until_at FROM candle
         WHERE market = $1 AND term_ms = $2 AND from_at < COALESCE($3::timestamptz, 'infinity') ORDER BY from_at DESC LIMIT $4
       ) AS c, ${FILLS} ORDER BY c.from_at`,
      [market, term_ms, before ?? null, limit],
    );
    return rows.map((row) => candleOf(row, market, term_ms));
  }

  /** The last trade: its price and when it was. */
  async last(market: MarketName): Promise<{ price_micro: Micro; closed_at: Date } | null> {
    const { rows } = await this.database.query<{ price_micro: Micro; closed_at: Date }>(
      'SELECT close_micro AS price_micro, closed_at FROM candle WHERE market = $1 AND term_ms = 86400000 ORDER BY from_at DESC LIMIT 1',
      [market],
    );
    return rows[0] ?? null;
  }

  /** The last 24 hours as one candle; null without a trade in them. */
  async day(market: MarketName): Promise<Candle | null> {
    const { rows } = await this.database.query<CandleRow>(
      `SELECT c.*, w.* FROM (
         SELECT $1::text AS market, min(from_at) AS from_at, 'infinity'::timestamptz AS until_at, (array_agg(open_micro ORDER BY from_at))[1] AS open_micro,
           (array_agg(close_micro ORDER BY from_at DESC))[1] AS close_micro, max(high_micro) AS high_micro, min(low_micro) AS low_micro,
           sum(volume)::bigint AS volume, sum(rounds)::int AS rounds
         FROM candle WHERE market = $1 AND term_ms = 3600000 AND from_at > now() - interval '1 day' HAVING count(*) > 0
       ) AS c, ${FILLS}`,
      [market],
    );
    return rows[0] ? candleOf(rows[0], market, 86_400_000) : null;
  }

  /** The first results of the jobs that got their first slot last. */
  async firstResults(market: MarketName, limit: number): Promise<FirstResult[]> {
    const { rows } = await this.database.query<FirstResult>(
      `SELECT GREATEST(a.wall_ms, extract(epoch FROM a.finished_at - l.granted_at) * 1000)::float8 AS first_ms, a.wall_ms, a.fuel_used
       FROM (SELECT job_id, filled_at FROM fill WHERE market = $1 ORDER BY filled_at DESC LIMIT $2) AS f
       JOIN attempt a ON a.job_id = f.job_id AND a.seq = 1 JOIN lease l ON l.id = a.lease_id`,
      [market, limit],
    );
    return rows;
  }

  /** The latest settled tasks of a developer with a module. */
  async measured(person_id: string, module_hash: string, limit: number): Promise<Measured[]> {
    const { rows } = await this.database.query<Measured>(
      `SELECT a.fuel_used, a.wall_ms FROM (
         SELECT id FROM job WHERE person_id = $1 AND module_hash = $2 ORDER BY id DESC LIMIT 20
       ) AS j, LATERAL (SELECT fuel_used, wall_ms, finished_at FROM attempt WHERE job_id = j.id AND seq IS NOT NULL ORDER BY seq DESC LIMIT $3) AS a
       ORDER BY a.finished_at DESC LIMIT $3`,
      [person_id, module_hash, limit],
    );
    return rows;
  }
}

const candleOf = (row: CandleRow, market: MarketName, term_ms: number): Candle => ({
  market,
  from_ms: row.from_at.getTime(),
  term_ms,
  open: row.open_micro,
  close: row.close_micro,
  high: row.high_micro,
  low: row.low_micro,
  volume: Number(row.volume),
  rounds: row.rounds,
  fill_ms_median: row.fill_ms_median,
  fill_ms_most: row.fill_ms_most,
});
