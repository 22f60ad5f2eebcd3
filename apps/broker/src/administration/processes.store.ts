import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';

/** Which processes of the heap are heard of. */
@Injectable()
export class ProcessesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async gateways(): Promise<{ id: string; name: string; nodes: number; draining: boolean; started_at: Date; seen_at: Date }[]> {
    const { rows } = await this.database.query<{
      id: string;
      name: string;
      nodes: number;
      draining: boolean;
      started_at: Date;
      seen_at: Date;
    }>(
      `SELECT g.id, g.name, g.draining, g.started_at, g.seen_at, COALESCE(n.nodes, 0)::int AS nodes FROM gateway g
       LEFT JOIN (SELECT gateway_id, count(*) AS nodes FROM node WHERE state IN ('ONLINE', 'PAUSED') GROUP BY 1) AS n ON n.gateway_id = g.id
       ORDER BY g.name`,
    );
    return rows;
  }

  async leaders(): Promise<{ market: string; epoch: bigint; seen_at: Date }[]> {
    const { rows } = await this.database.query<{ market: string; epoch: bigint; seen_at: Date }>(
      'SELECT l.market, l.epoch, b.seen_at FROM market_leader l JOIN market_beat b ON b.market = l.market ORDER BY l.market',
    );
    return rows;
  }
}
