import { Injectable } from '@nestjs/common';
import { KEPT_MARKETS } from '#units';
import { EventBus } from '../platform/bus/event-bus.js';
import { Gathered } from '../platform/gathered.js';
import { KeptOfferChanged, NodeMoved } from './nodes.events.js';
import { tellOffersChanged } from './offers-changed.js';
import { PresenceCommands } from './presence.commands.js';
import { type Closing, type Opened, type Opening, SessionsStore } from './sessions.store.js';

/** Written by one statement. Few enough for what follows, the welcome of each, to hold nobody else up. */
const OPENED_MAX = 100;
const CLOSED_MAX = 500;

const nodeOf = ({ node_id }: { node_id: string }): string => node_id;

/** Begins and ends of sessions. When many nodes come or go at once, a statement carries as many of them as gathered during the last one. */
@Injectable()
export class SessionsService {
  private readonly openings: Gathered<Opening, Opened | undefined>;
  private readonly closings: Gathered<Closing, boolean>;

  constructor(
    private readonly store: SessionsStore,
    private readonly presence: PresenceCommands,
    private readonly bus: EventBus,
  ) {
    this.openings = new Gathered<Opening, Opened | undefined>({
      most: OPENED_MAX,
      key: nodeOf,
      serve: (openings) => this.openAll(openings),
    });
    this.closings = new Gathered<Closing, boolean>({ most: CLOSED_MAX, key: nodeOf, serve: (closings) => this.closeAll(closings) });
  }

  /** @returns undefined for a node that was taken out of the heap. */
  open(opening: Opening): Promise<Opened | undefined> {
    return this.openings.ask(opening);
  }

  /** @returns false where it had no effect: a newer session has begun, or this one was over. */
  close(closing: Closing): Promise<boolean> {
    return this.closings.ask(closing);
  }

  private async openAll(openings: readonly Opening[]): Promise<(Opened | undefined)[]> {
    const opened = await this.store.open(openings);
    this.presence.changed(...opened.keys());
    return openings.map(({ node_id, gateway_id }) => {
      const session = opened.get(node_id);
      if (session?.moved) this.bus.publish(NodeMoved, { node_id, session_epoch: session.session_epoch, gateway_id });
      return session;
    });
  }

  private async closeAll(closings: readonly Closing[]): Promise<boolean[]> {
    const closed = await this.store.close(closings);
    this.presence.changed(...closed.keys());
    tellOffersChanged(this.bus, closed);
    if (closed.size > 0) this.bus.publish(KeptOfferChanged, { markets: KEPT_MARKETS });
    return closings.map(({ node_id }) => closed.has(node_id));
  }
}
