import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import type { Presence } from '#protocol';
import type { Micro, SlotClass } from '#units';

export interface NodeFacts {
  drained_at: Date | null;
  partner_id: string | null;
  cluster_id: string | null;
  cluster_owners: number;
  results: number;
  checked: number;
  confirmed: number;
  pending: number;
  mismatches: number;
  banned: string | null;
}

export interface NodeLease {
  id: string;
  job_id: string;
  slot_class: SlotClass;
  state: 'ACTIVE' | 'DRAINING' | 'ENDED';
  code: string | null;
  sentence: string | null;
  price_micro: Micro;
  tasks_charged: number;
  charged_micro: Micro;
  granted_at: Date;
  ended_at: Date | null;
}

export interface NodeResult {
  job_id: string;
  index: number;
  epoch: number;
  outcome: string;
  verdict: string | null;
  fuel_used: number;
  charge_micro: Micro;
  wall_ms: number;
  finished_at: Date;
}

export interface NodePenalty {
  id: string;
  kind: 'probation' | 'ban_device' | 'ban_identity';
  state: 'ACTIVE' | 'LAPSED' | 'OVERTURNED' | 'LIFTED';
  code: string;
  sentence: string;
  created_at: Date;
  lapses_at: Date | null;
}

export interface NodeChange {
  state: Presence['state'];
  reason_code: string;
  reason_sentence: string;
  changed_at: Date;
}

const LISTED = 20;

/** Everything about one node. */
@Injectable()
export class NodeDetailStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async facts(node_id: string): Promise<NodeFacts> {
    const { rows } = await this.database.query<NodeFacts>(
      `SELECT n.drained_at, b.person_id AS partner_id, c.cluster_id,
         (SELECT count(*)::int FROM owner_cluster o WHERE o.cluster_id = c.cluster_id) AS cluster_owners,
         COALESCE(s.results, 0)::float8 AS results, COALESCE(s.checked, 0) AS checked, COALESCE(s.confirmed, 0) AS confirmed,
         COALESCE(s.pending, 0) AS pending, COALESCE(s.mismatches, 0) AS mismatches, s.banned
       FROM node n LEFT JOIN node_partner b ON b.node_id = n.id LEFT JOIN owner_cluster c ON c.owner_id = n.owner_id
       LEFT JOIN node_standing s ON s.node_id = n.id WHERE n.id = $1`,
      [node_id],
    );
    if (!rows[0]) throw new Error('a node that was just read is there');
    return rows[0];
  }

  async leases(node_id: string): Promise<NodeLease[]> {
    const { rows } = await this.database.query<NodeLease>(
      `SELECT id, job_id, slot_class, state, COALESCE(end_code, leaving_code) AS code, COALESCE(end_sentence, leaving_sentence) AS sentence,
         price_micro, tasks_charged, charged_micro, granted_at, ended_at FROM lease WHERE node_id = $1 ORDER BY id DESC LIMIT ${LISTED}`,
      [node_id],
    );
    return rows;
  }

  /** Those that are numbered for its node, as all of checked orders are. */
  async results(node_id: string): Promise<NodeResult[]> {
    const { rows } = await this.database.query<NodeResult>(
      `SELECT job_id, index, epoch, outcome, verdict, COALESCE(fuel_used, 0)::float8 AS fuel_used, charge_micro, wall_ms, finished_at
       FROM attempt WHERE node_id = $1 AND nth IS NOT NULL ORDER BY nth DESC LIMIT ${LISTED}`,
      [node_id],
    );
    return rows;
  }

  async penalties(node_id: string): Promise<NodePenalty[]> {
    const { rows } = await this.database.query<NodePenalty>(
      `SELECT id, kind, state, code, sentence, created_at, lapses_at FROM penalty WHERE node_id = $1 ORDER BY id DESC LIMIT ${LISTED}`,
      [node_id],
    );
    return rows;
  }

  async changes(node_id: string): Promise<NodeChange[]> {
    const { rows } = await this.database.query<NodeChange>(
      `SELECT state, reason_code, reason_sentence, changed_at FROM presence_change WHERE node_id = $1 ORDER BY seq DESC LIMIT 50`,
      [node_id],
    );
    return rows;
  }
}
