import { Injectable } from '@nestjs/common';
import { Gathered } from '../platform/gathered.js';
import { NodesService, type NodeView } from './nodes.service.js';
import { type NodeRow, NodesStore } from './nodes.store.js';

export type { Felt } from './device-life.store.js';
export type { NodeRow } from './nodes.store.js';

/** Read by one statement. */
const LOOKED_UP_MAX = 500;

@Injectable()
export class NodesQuery {
  private readonly lookups: Gathered<string, NodeRow | null>;

  constructor(
    store: NodesStore,
    private readonly service: NodesService,
  ) {
    this.lookups = new Gathered({
      most: LOOKED_UP_MAX,
      key: (node_id) => node_id,
      serve: async (node_ids) => {
        const rows = new Map((await store.findAll(node_ids)).map((row) => [row.id, row]));
        return node_ids.map((node_id) => rows.get(node_id) ?? null);
      },
    });
  }

  /** Many at the same time are read together. */
  byId(node_id: string): Promise<NodeRow | null> {
    return this.lookups.ask(node_id);
  }

  /** A device as its owner sees it; null when there is none. */
  async view(node_id: string): Promise<NodeView | null> {
    const row = await this.byId(node_id);
    const [view] = row ? await this.service.views([row]) : [];
    return view ?? null;
  }
}
