import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { SeriesMetric } from '#protocol';

export interface SampleRow {
  from_at: Date;
  mean: number;
  least: number;
  most: number;
  samples: number;
}

/** Figures over time. */
@Injectable()
export class SamplesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Whether this minute has none yet. */
  async isDue(): Promise<boolean> {
    const { rows } = await this.database.query(
      "SELECT 1 FROM heap_sample WHERE metric = 'badness' AND term_ms = 60000 AND from_at = date_trunc('minute', now())",
    );
    return rows.length === 0;
  }

  /** Writes this minute's values, each once, and adds those that it wrote to its hour and its day, by UTC. @returns how many it wrote. */
  async write(values: ReadonlyMap<SeriesMetric, number>): Promise<number> {
    const { rows } = await this.database.query<{ written: number }>(
      `WITH minute AS (
         INSERT INTO heap_sample (metric, term_ms, from_at, mean, least, most, samples)
         SELECT metric, 60000, date_trunc('minute', now()), value, value, value, 1 FROM unnest($1::text[], $2::float8[]) AS s(metric, value)
         ON CONFLICT DO NOTHING RETURNING metric, mean
       ), longer AS (
         INSERT INTO heap_sample AS h (metric, term_ms, from_at, mean, least, most, samples)
         SELECT m.metric, t.term_ms, date_bin(make_interval(secs => t.term_ms / 1000), now(), 'epoch'), m.mean, m.mean, m.mean, 1
         FROM minute m, (VALUES (3600000), (86400000)) AS t(term_ms)
         ON CONFLICT (metric, term_ms, from_at) DO UPDATE SET mean = (h.mean * h.samples + excluded.mean) / (h.samples + 1),
           least = LEAST(h.least, excluded.least), most = GREATEST(h.most, excluded.most), samples = h.samples + 1
       )
       SELECT count(*)::int AS written FROM minute`,
      [[...values.keys()], [...values.values()]],
    );
    return rows[0]?.written ?? 0;
  }

  async series(metric: SeriesMetric, term_ms: number, from: Date, to: Date): Promise<SampleRow[]> {
    const { rows } = await this.database.query<SampleRow>(
      `SELECT from_at, mean, least, most, samples FROM heap_sample
       WHERE metric = $1 AND term_ms = $2 AND from_at > $3::timestamptz - make_interval(secs => $2 / 1000) AND from_at < $4 ORDER BY from_at`,
      [metric, term_ms, from, to],
    );
    return rows;
  }

  /** Of the last hour; null where there is none. */
  async meanOfHour(metric: SeriesMetric): Promise<number | null> {
    const { rows } = await this.database.query<{ mean: number | null }>(
      `SELECT avg(mean)::float8 AS mean FROM heap_sample WHERE metric = $1 AND term_ms = 60000 AND from_at > now() - interval '1 hour'`,
      [metric],
    );
    return rows[0]?.mean ?? null;
  }

  /** Takes away the values of a step that are older than it keeps. */
  async forget(metrics: readonly SeriesMetric[], term_ms: number, kept_ms: number): Promise<void> {
    await this.database.query(
      'DELETE FROM heap_sample WHERE metric = ANY($1) AND term_ms = $2 AND from_at < now() - make_interval(secs => $3::float8 / 1000)',
      [metrics, term_ms, kept_ms],
    );
  }
}
