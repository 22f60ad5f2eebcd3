import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '#database';

/** Which processes nodes are connected to. */
@Injectable()
export class GatewaysStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Takes a name, from an earlier process if it has it. @returns that one's id. */
  async join(tx: Transaction, id: string, name: string): Promise<string | null> {
    const { rows } = await tx.query<{ id: string }>('DELETE FROM gateway WHERE name = $1 RETURNING id', [name]);
    await tx.query('INSERT INTO gateway (id, name) VALUES ($1, $2)', [id, name]);
    return rows[0]?.id ?? null;
  }

  /** @returns false when the others take this gateway for dead, or another has its name. */
  async beat(id: string): Promise<boolean> {
    const { rowCount } = await this.database.query('UPDATE gateway SET seen_at = now() WHERE id = $1', [id]);
    return rowCount === 1;
  }

  /** Takes those off the list that have been silent for so long. Each is returned to one caller only. */
  async takeSilent(tx: Transaction, silent_ms: number): Promise<{ id: string; name: string }[]> {
    const { rows } = await tx.query<{ id: string; name: string }>(
      'DELETE FROM gateway WHERE seen_at < now() - make_interval(secs => $1::float8 / 1000) RETURNING id, name',
      [silent_ms],
    );
    return rows;
  }

  async leave(tx: Transaction, id: string): Promise<void> {
    await tx.query('DELETE FROM gateway WHERE id = $1', [id]);
  }

  /** Ends the sessions that these gateways held, and those that no gateway holds. */
  async endSessions(tx: Transaction, gateway_ids: readonly string[], reason: { code: string; sentence: string }): Promise<string[]> {
    const { rows } = await tx.query<{ id: string }>(
      `UPDATE node SET state = 'DISCONNECTED', last_seen_at = now(), reason_code = $2, reason_sentence = $3
       FROM (SELECT id FROM node WHERE state IN ('ONLINE', 'PAUSED')
               AND (gateway_id = ANY($1) OR NOT EXISTS (SELECT 1 FROM gateway g WHERE g.id = node.gateway_id))
             ORDER BY id FOR NO KEY UPDATE) AS held
       WHERE node.id = held.id RETURNING node.id`,
      [gateway_ids, reason.code, reason.sentence],
    );
    return rows.map((row) => row.id);
  }

  async drain(id: string): Promise<void> {
    await this.database.query('UPDATE gateway SET draining = true WHERE id = $1', [id]);
  }

  /**
   * Of these sessions of a gateway, the nodes that have a newer one elsewhere or that are taken for away. A newer one at the gateway itself is
   * one that it is just taking up.
   */
  async outdated(
    gateway_id: string,
    sessions: readonly { node_id: string; session_epoch: number }[],
  ): Promise<{ node_id: string; newer: boolean }[]> {
    const { rows } = await this.database.query<{ node_id: string; newer: boolean }>(
      `SELECT n.id AS node_id, n.session_epoch > s.epoch AS newer FROM unnest($2::uuid[], $3::int[]) AS s(id, epoch) JOIN node n ON n.id = s.id
       WHERE CASE WHEN n.session_epoch > s.epoch THEN n.gateway_id IS DISTINCT FROM $1::uuid ELSE n.state NOT IN ('ONLINE', 'PAUSED') END`,
      [gateway_id, sessions.map((s) => s.node_id), sessions.map((s) => s.session_epoch)],
    );
    return rows;
  }
}
