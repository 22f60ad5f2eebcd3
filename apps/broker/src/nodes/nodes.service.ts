import { Injectable } from '@nestjs/common';
import type { ResponseOf, ROUTES } from '#protocol';
import { describeView } from '#sandbox';
import { type NodeKind, viewClassOf, WORKLOAD_CLASSES } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { runLimitsOf } from '../platform/run-limits.js';
import { DeviceStore } from './device.store.js';
import { type HealthFacts, healthOf } from './health.js';
import { HealthStore } from './health.store.js';
import { nodeUnknown } from './nodes.errors.js';
import { NodeChanged, NodeRevoked } from './nodes.events.js';
import { type NodeRow, NodesStore, type NodeWork } from './nodes.store.js';
import { OwnerWordsStore, type WordRow } from './owner-words.store.js';
import { PresenceCommands } from './presence.commands.js';
import { readingsView } from './readings.js';

export type NodeView = ResponseOf<typeof ROUTES.getNode>;

const NOTHING_KNOWN: HealthFacts = {
  tasks: 0,
  lost: 0,
  restarted: 0,
  broken: 0,
  deaf: 0,
  disconnects: 0,
  connected: false,
  measured: true,
};

@Injectable()
export class NodesService {
  constructor(
    private readonly store: NodesStore,
    private readonly devices: DeviceStore,
    private readonly bus: EventBus,
    private readonly health: HealthStore,
    private readonly presence: PresenceCommands,
    private readonly words: OwnerWordsStore,
  ) {}

  async list(owner_id: string): Promise<NodeView[]> {
    return this.views(await this.store.listOf(owner_id));
  }

  /** @throws HeapError `not_found`, also for another owner's node. */
  async get(owner_id: string, node_id: string): Promise<NodeView> {
    const row = await this.store.find(node_id);
    const [view] = row?.owner_id === owner_id ? await this.views([row]) : [];
    if (!view) throw nodeUnknown();
    return view;
  }

  /** What a device may know of itself. @throws HeapError `not_found` when it was taken out meanwhile. */
  async device(node_id: string): Promise<ResponseOf<typeof ROUTES.getDevice>> {
    const [row, work] = await Promise.all([this.store.find(node_id), this.devices.workOf(node_id)]);
    if (!row) throw nodeUnknown();
    return {
      node_id,
      name: row.name,
      kind: row.kind,
      work: work.map(({ lease_id, slot_class, workload_class, view }) => ({
        lease_id,
        slot_class,
        workload_class,
        view_class: viewClassOf(view),
      })),
    };
  }

  /** A device says what it is. @throws HeapError `not_found` when it was taken out meanwhile. */
  async describe(node_id: string, name: string, kind: NodeKind): Promise<void> {
    const owner_id = await this.devices.describe(node_id, name, kind);
    if (owner_id === null) throw nodeUnknown();
    this.bus.publish(NodeChanged, { node_id, owner_id });
  }

  /** A device leaves by itself: as if its owner had taken it out. */
  async leave(node_id: string): Promise<void> {
    const row = await this.store.find(node_id);
    if (!row) throw nodeUnknown();
    await this.revoke(row.owner_id, node_id);
  }

  /** @throws HeapError `not_found`, also for another owner's node. */
  async patch(
    owner_id: string,
    node_id: string,
    said: { name?: string | undefined; groups?: readonly string[] | undefined },
  ): Promise<NodeView> {
    if ((await this.store.describe(owner_id, [node_id], said)).length === 0) throw nodeUnknown();
    this.bus.publish(NodeChanged, { node_id, owner_id });
    return this.get(owner_id, node_id);
  }

  async revoke(owner_id: string, node_id: string): Promise<void> {
    if (!(await this.store.revoke(node_id, owner_id))) throw nodeUnknown();
    this.presence.changed(node_id);
    this.bus.publish(NodeRevoked, { node_id });
    this.bus.publish(NodeChanged, { node_id, owner_id });
  }

  async views(rows: NodeRow[]): Promise<NodeView[]> {
    const ids = rows.map((row) => row.id);
    const owner_id = rows[0]?.owner_id;
    const [slots, work, words, facts] = await Promise.all([
      this.store.slotsOf(ids),
      this.store.workOf(ids),
      this.words.of(ids),
      owner_id === undefined ? new Map<string, HealthFacts>() : this.health.facts(owner_id),
    ]);
    return rows.map((row) => {
      const own = slots.filter((s) => s.node_id === row.id);
      const busy = row.state === 'ONLINE' && own.some((s) => s.leased > 0);
      return {
        id: row.id,
        name: row.name,
        kind: row.kind,
        state: busy ? ('BUSY' as const) : row.state,
        reason: reasonOf(row),
        presence: row.presence,
        presence_changed_at: row.presence_at?.toISOString() ?? null,
        health: healthOf(facts.get(row.id) ?? NOTHING_KNOWN),
        agent_version: row.agent_version,
        slots: own.map(({ slot_class, count, leased }) => ({ slot_class, count, leased })),
        work: work
          .filter((w) => w.node_id === row.id)
          .map((w) => ({
            lease_id: w.lease_id,
            slot_class: w.slot_class,
            view_class: viewClassOf(w.view),
            may: describeView(w.view, runLimitsOf(w)),
            doing: doing(w),
            job_name: w.job_name,
            workload_class: w.workload_class,
            since: w.granted_at.toISOString(),
            tasks_here: w.tasks_here,
            tasks_done: w.tasks_done,
            tasks: w.tasks,
          })),
        readings: row.readings && row.readings_at && readingsView(row.readings, row.readings_at),
        hold: heldOf(words.find((word) => word.node_id === row.id)),
        groups: row.groups,
        speed_fuel_per_ms: row.speed_fuel_per_ms,
        enrolled_at: row.enrolled_at.toISOString(),
        last_seen_at: row.last_seen_at?.toISOString() ?? null,
      };
    });
  }
}

/** A device that gets no more work says why, whatever else it does. */
const reasonOf = ({ state, reason_code, reason_sentence, drain_code, drain_sentence }: NodeRow) =>
  drain_code !== null && state !== 'REVOKED'
    ? { code: drain_code, sentence: drain_sentence ?? '' }
    : { code: reason_code, sentence: reason_sentence };

const heldOf = (word: WordRow | undefined): NodeView['hold'] =>
  word?.held ? { held: true, until: word.held_until?.toISOString() ?? null } : { held: false, until: null };

/** In plain words; what its tasks may see stands beside it. */
function doing({ job_name, workload_class, tasks_here, tasks_done, tasks }: NodeWork): string {
  const here = tasks_here === 1 ? '1 task' : `${tasks_here} tasks`;
  return `It works on “${job_name}” (${WORKLOAD_CLASSES[workload_class]}): ${here} finished here, ${tasks_done} of ${tasks} in all.`;
}
