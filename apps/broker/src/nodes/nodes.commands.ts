import { Injectable } from '@nestjs/common';
import type { Body } from '#protocol';
import { DeviceLifeStore, type Felt } from './device-life.store.js';
import type { NodeRow } from './nodes.store.js';
import { OffersService } from './offers.service.js';
import { SessionsService } from './sessions.service.js';
import { type Heard, type Opening, SessionsStore } from './sessions.store.js';

/** What later stations tell about a node. */
@Injectable()
export class NodesCommands {
  constructor(
    private readonly sessions: SessionsService,
    private readonly store: SessionsStore,
    private readonly offers: OffersService,
    private readonly life: DeviceLifeStore,
  ) {}

  /**
   * @param gateway_id that holds the session; one that held an earlier one hears of it.
   * @param resumes its offers stand.
   * @returns the new session's epoch, or null for a revoked node.
   */
  async openSession(opening: Opening): Promise<number | null> {
    const opened = await this.sessions.open(opening);
    return opened?.session_epoch ?? null;
  }

  /** @returns false where a newer session has begun, or the node was taken for away before. */
  closeSession(node_id: string, session_epoch: number, reason: { code: string; sentence: string }): Promise<boolean> {
    return this.sessions.close({ node_id, session_epoch, reason });
  }

  /** @param felt what some of them feel, as they have said since they were last seen. */
  async seen(nodes: readonly Heard[], felt: readonly { node_id: string; felt: Felt }[] = []): Promise<void> {
    await this.store.touch(nodes);
    await this.life.felt(felt);
  }

  /** A node without a price of its own asks for what its owner's rules say. @returns false when its session is fenced. */
  offer(node: NodeRow, session_epoch: number, offer: Body<'offer'>): Promise<boolean> {
    return this.offers.take(node, session_epoch, offer);
  }
}
