import os from 'node:os';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { SLOT_CLASSES } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { newId } from '../platform/ids.js';
import { GatewaysStore } from './gateways.store.js';
import { OfferChanged } from './nodes.events.js';
import { PresenceCommands } from './presence.commands.js';

/** A gateway that has not said for so long that it lives is dead: its nodes are away until they connect to another. */
const SILENT_MS = 15_000;

const ENDED = { code: 'away', sentence: 'Its connection ended with the gateway that held it; it reconnects by itself.' };

/**
 * This process among the gateways of the heap. Each holds the sessions of its own nodes, so that one that dies, or is started again, takes
 * only those with it.
 */
@Injectable()
export class GatewaysCommands {
  private readonly log = new Logger(GatewaysCommands.name);
  private present_id = newId();
  private name: string;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly transactions: Transactions,
    private readonly store: GatewaysStore,
    private readonly bus: EventBus,
    private readonly presence: PresenceCommands,
  ) {
    // A port that the system chooses is another at each start: such a process succeeds nobody.
    const port = config.port === 0 ? this.present_id : String(config.port);
    this.name = config.gateway_name ?? `${os.hostname()}:${port}`;
  }

  /** Names this gateway in the sessions it holds. */
  get id(): string {
    return this.present_id;
  }

  /** At the start: whoever was connected to an earlier process of this name is not any more, nor to one that is dead. */
  async join(): Promise<void> {
    const ended = await this.transactions.run(async (tx) => {
      const silent = await this.store.takeSilent(tx, SILENT_MS);
      const earlier = await this.store.join(tx, this.present_id, this.name);
      return this.store.endSessions(tx, [...silent.map(({ id }) => id), ...(earlier ? [earlier] : [])], ENDED);
    });
    this.tell(ended);
  }

  /**
   * Says that this gateway lives, and ends the sessions of those that have stopped saying so.
   * @returns false when the others took it for dead, or one took its name: its sessions are void and must close. It has joined again.
   */
  async beat(): Promise<boolean> {
    const known = await this.store.beat(this.present_id);
    if (!known) {
      this.log.warn({ name: this.name }, 'the other gateways took this one for dead, or one has its name: HEAP_GATEWAY_NAME must differ');
      this.present_id = newId();
      this.name = `${this.name.slice(0, 80)} ${this.present_id}`;
      await this.join();
    }
    await this.endSilent();
    return known;
  }

  /** Ends the sessions of gateways that have stopped saying that they live. */
  async endSilent(): Promise<void> {
    const ended = await this.transactions.run(async (tx) => {
      const silent = await this.store.takeSilent(tx, SILENT_MS);
      if (silent.length === 0) return [];
      this.log.warn({ gateways: silent.map((gateway) => gateway.name) }, 'gateways have died; their nodes are away until they reconnect');
      return this.store.endSessions(
        tx,
        silent.map(({ id }) => id),
        ENDED,
      );
    });
    this.tell(ended);
  }

  /** It is about to stop, and these nodes of it are about to move. */
  async drain(node_ids: readonly string[]): Promise<void> {
    await this.store.drain(this.present_id);
    this.presence.changed(...node_ids);
  }

  /** At the end of the process. */
  async leave(): Promise<void> {
    const ended = await this.transactions.run(async (tx) => {
      await this.store.leave(tx, this.present_id);
      return this.store.endSessions(tx, [this.present_id], ENDED);
    });
    this.tell(ended);
  }

  /** Of these sessions, those that a newer one fences, and those that the database does not believe in. */
  outdated(sessions: readonly { node_id: string; session_epoch: number }[]): Promise<{ node_id: string; newer: boolean }[]> {
    return sessions.length === 0 ? Promise.resolve([]) : this.store.outdated(this.present_id, sessions);
  }

  private tell(ended: readonly string[]): void {
    this.presence.changed(...ended);
    if (ended.length > 0) this.bus.publish(OfferChanged, { slot_classes: SLOT_CLASSES });
  }
}
