import { Injectable } from '@nestjs/common';
import { type NodeRow, NodesStore } from './nodes.store.js';

export type { NodeRow } from './nodes.store.js';

@Injectable()
export class NodesQuery {
  constructor(private readonly store: NodesStore) {}

  byId(node_id: string): Promise<NodeRow | null> {
    return this.store.find(node_id);
  }
}
