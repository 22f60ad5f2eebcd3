import { Injectable } from '@nestjs/common';
import type { Transaction } from '#database';
import type { Micro, NodeKind, SlotClass } from '#units';

/** What a node's present session says of it. */
export interface OfferedNode {
  node_id: string;
  session_epoch: number;
  available: boolean;
  reason: { code: string; sentence: string };
  speed_fuel_per_ms: number;
}

export interface OfferedSlots {
  node_id: string;
  slot_class: SlotClass;
  slots: number;
  /** What the agent asks for; null leaves it to the owner's rules. */
  asked_price_micro: Micro | null;
  electricity_micro: Micro;
  available: boolean;
  owner_id: string;
}

/** The slots that nodes offer for work, many nodes at a time, each once; nodes are locked first, in the order of their ids. */
@Injectable()
export class OffersStore {
  /** Notes what nodes are. @returns those whose session is the present one, as they are now. */
  async note(tx: Transaction, nodes: readonly OfferedNode[]): Promise<Map<string, { kind: NodeKind; region: string | null }>> {
    const { rows } = await tx.query<{ id: string; kind: NodeKind; region: string | null }>(
      `WITH present AS (
         SELECT n.id, x.state, x.code, x.sentence, x.speed
         FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::float8[]) AS x(id, epoch, state, code, sentence, speed)
         JOIN node n ON n.id = x.id
         WHERE n.session_epoch = x.epoch AND n.state IN ('ONLINE', 'PAUSED') ORDER BY n.id FOR NO KEY UPDATE OF n
       )
       UPDATE node n SET state = p.state::node_state, reason_code = p.code, reason_sentence = p.sentence, speed_fuel_per_ms = p.speed,
         last_seen_at = now()
       FROM present p WHERE n.id = p.id RETURNING n.id, n.kind, n.region`,
      [
        nodes.map((n) => n.node_id),
        nodes.map((n) => n.session_epoch),
        nodes.map((n) => (n.available ? 'ONLINE' : 'PAUSED')),
        nodes.map((n) => n.reason.code),
        nodes.map((n) => n.reason.sentence),
        nodes.map((n) => n.speed_fuel_per_ms),
      ],
    );
    return new Map(rows.map(({ id, ...now }) => [id, now]));
  }

  /** Replaces the offers of these nodes by these. @returns what was withdrawn because it is not offered any more. */
  async replace(
    tx: Transaction,
    node_ids: readonly string[],
    slots: readonly OfferedSlots[],
  ): Promise<{ node_id: string; slot_class: SlotClass }[]> {
    const [ids, classes] = [slots.map((s) => s.node_id), slots.map((s) => s.slot_class)];
    const { rows: withdrawn } = await tx.query<{ node_id: string; slot_class: SlotClass }>(
      `UPDATE offer o SET slots = 0, available = false, updated_at = now()
       WHERE o.node_id = ANY($1) AND o.slots > 0
         AND NOT EXISTS (SELECT 1 FROM unnest($2::uuid[], $3::slot_class[]) AS s(id, slot_class) WHERE s.id = o.node_id AND s.slot_class = o.slot_class)
       RETURNING o.node_id, o.slot_class`,
      [node_ids, ids, classes],
    );
    if (slots.length === 0) return withdrawn;
    await tx.query(
      `INSERT INTO offer (node_id, slot_class, slots, asked_price_micro, electricity_micro, reserve_price_micro, available)
       SELECT s.id, s.slot_class, s.slots, s.asked, s.electricity, COALESCE(h.price, s.asked, s.electricity), s.available
       FROM unnest($1::uuid[], $2::slot_class[], $3::int[], $4::bigint[], $5::bigint[], $6::bool[], $7::uuid[])
         AS s(id, slot_class, slots, asked, electricity, available, owner_id)
       LEFT JOIN price_by_hour(s.owner_id, s.id, now()) AS h ON true
       ORDER BY s.id, s.slot_class
       ON CONFLICT (node_id, slot_class) DO UPDATE
         SET slots = excluded.slots, asked_price_micro = excluded.asked_price_micro, electricity_micro = excluded.electricity_micro,
           reserve_price_micro = excluded.reserve_price_micro, available = excluded.available, updated_at = now()`,
      [
        ids,
        classes,
        slots.map((s) => s.slots),
        slots.map((s) => s.asked_price_micro),
        slots.map((s) => s.electricity_micro),
        slots.map((s) => s.available),
        slots.map((s) => s.owner_id),
      ],
    );
    return withdrawn;
  }
}
