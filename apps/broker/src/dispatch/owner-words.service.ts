import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Body } from '#protocol';
import { GatewaysCommands } from '../nodes/gateways.commands.js';
import { NodeChanged, OwnerSpoke } from '../nodes/nodes.events.js';
import { OwnerWordsCommands } from '../nodes/owner-words.commands.js';
import { EventBus } from '../platform/bus/event-bus.js';
import { CONFIG, type Config } from '../platform/config/config.js';
import { Repetition } from '../platform/repetition.js';
import type { NodeSession } from './node-session.js';
import { Sessions } from './sessions.js';

/** Events tell of an owner's word; this often it is looked for, because one can be lost. */
const LOOK_MS = 5_000;

/** Carries owners' words to their devices and back: rules and the hold button. */
@Injectable()
export class OwnerWords implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger(OwnerWords.name);
  private readonly looks = new Repetition(
    LOOK_MS,
    async () => this.tell(await this.words.unheard(this.gateways.id)),
    (error) => this.log.warn({ err: error }, "owners' words could not be looked for; trying again"),
  );

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly sessions: Sessions,
    private readonly words: OwnerWordsCommands,
    private readonly gateways: GatewaysCommands,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(OwnerSpoke, async ({ node_ids }) => {
      const here = node_ids.filter((node_id) => this.sessions.of(node_id)?.connected);
      this.tell(await this.words.wishes(here));
    });
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('gateway')) this.looks.start();
  }

  onModuleDestroy(): void {
    this.looks.stop();
  }

  /** A device says what is in force on it; it is told what the heap knows better. */
  async reported(session: NodeSession, said: Body<'owner'>): Promise<void> {
    const is_news = session.hears_owner;
    session.hears_owner = true;
    const wish = await this.words.report(session.node.id, session.session_epoch, said);
    if (wish) this.tell([{ node_id: session.node.id, wish }]);
    // At the beginning of a session its presence is the news.
    if (is_news) this.changed(session);
  }

  async gaveBack(session: NodeSession, given: Body<'given'>): Promise<void> {
    await this.words.gaveBack(session.node.id, given);
    this.changed(session);
  }

  private changed({ node: { id: node_id, owner_id } }: NodeSession): void {
    this.bus.publish(NodeChanged, { node_id, owner_id });
  }

  private tell(wishes: Awaited<ReturnType<OwnerWordsCommands['wishes']>>): void {
    for (const { node_id, wish } of wishes) {
      const session = this.sessions.of(node_id);
      if (session?.connected && session.hears_owner) session.send('wish', wish);
    }
  }
}
