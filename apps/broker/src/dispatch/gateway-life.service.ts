import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CLOSE } from '#protocol';
import { GatewaysCommands } from '../nodes/gateways.commands.js';
import { NodeMoved } from '../nodes/nodes.events.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Repetition } from '../platform/repetition.js';
import { Sessions } from './sessions.js';

const BEAT_MS = 5_000;
/** After the last node was due to leave, for those that are on their way. */
const LINGER_MS = 500;
const LOOK_MS = 20;

/** This gateway among the others: joins them, gives up sessions that went to another, and drains before it stops. */
@Injectable()
export class GatewayLife implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(GatewayLife.name);
  private readonly beats = new Repetition(
    BEAT_MS,
    () => this.beat(),
    (error) => this.log.warn({ err: error }, 'this gateway could not say that it lives and tries again'),
  );
  /** Where the last gateway has died, a market looks: it would go on selling slots that nobody reaches. */
  private readonly burials = new Repetition(
    BEAT_MS,
    () => this.gateways.endSilent(),
    (error) => this.log.warn({ err: error }, 'dead gateways could not be looked for; trying again'),
  );
  /** Nodes are shown to the other gateways. */
  draining = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sessions: Sessions,
    private readonly gateways: GatewaysCommands,
    bus: EventBus,
  ) {
    // Under a new id of its own, a gateway hears of nodes that come back to it: what is parked here is what they come back for.
    bus.subscribe(NodeMoved, ({ node_id, session_epoch, gateway_id }) => {
      if (gateway_id !== this.gateways.id) this.moved(node_id, session_epoch);
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.roles.includes('gateway')) {
      await this.gateways.join();
      this.beats.start();
    } else if (this.config.roles.includes('market')) this.burials.start();
  }

  async beat(): Promise<void> {
    if (!(await this.gateways.beat()))
      for (const session of this.sessions.connected())
        session.close(1012, 'restart', 'This gateway was away for too long: reconnect.', 'platform');
    // Events tell of this at once; one can be lost.
    const held = [...this.sessions.all()].map((session) => ({ node_id: session.node.id, session_epoch: session.session_epoch }));
    const epochs = new Map(held.map(({ node_id, session_epoch }) => [node_id, session_epoch]));
    for (const { node_id, newer } of await this.gateways.outdated(held)) {
      const session = this.sessions.of(node_id);
      if (!session || session.session_epoch !== epochs.get(node_id)) continue;
      if (newer) this.moved(node_id, session.session_epoch + 1);
      else session.close(1012, 'restart', 'The heap took this device for away: reconnect.', 'platform');
    }
  }

  /** A node that came to another gateway is that one's. */
  private moved(node_id: string, session_epoch: number): void {
    const session = this.sessions.of(node_id);
    if (!session || session.session_epoch >= session_epoch) return;
    session.end(CLOSE.replaced, 'replaced', 'A newer connection of this device took over.', 'owner');
    if (!session.connected) this.sessions.remove(session);
  }

  /**
   * Asks each node to reconnect at a time of its own, so that those who take them in are not overrun, and works on with them until then:
   * what they finish is committed and confirmed here, what they hold they state to the gateway they come to.
   */
  async onModuleDestroy(): Promise<void> {
    this.beats.stop();
    this.burials.stop();
    if (!this.config.roles.includes('gateway')) return;
    this.draining = true;
    const { drain_ms } = this.config;
    const count = () => [...this.sessions.connected()].length;
    if (count() > 0 && drain_ms > 0) {
      const node_ids = [...this.sessions.connected()].map((session) => session.node.id);
      await this.gateways.drain(node_ids).catch((error: unknown) => this.log.warn({ err: error }, 'that nodes move could not be noted'));
      for (const session of this.sessions.connected()) session.send('drain', { reconnect_in_ms: drain_ms });
      const end_ms = performance.now() + drain_ms + LINGER_MS;
      while (count() > 0 && performance.now() < end_ms) await sleep(LOOK_MS);
    }
    for (const session of this.sessions.connected())
      session.close(1012, 'restart', 'The heap restarts: reconnect in a moment.', 'platform');
    await this.gateways.leave().catch((error: unknown) => this.log.warn({ err: error }, 'this gateway could not take leave'));
  }
}
