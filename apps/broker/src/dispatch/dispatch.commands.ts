import { Injectable } from '@nestjs/common';
import { SOCKET_LIMITS, type WireBody } from '#protocol';
import { EventBus } from '../platform/bus/event-bus.js';
import { NodeTold, type TellType } from './dispatch.events.js';
import type { NodeSession } from './node-session.js';
import { Sessions } from './sessions.js';

/** So many ids fit into a text that goes to the other processes. */
const IDS_MAX = 128;
/** To a node that confirms nothing no more is said: work and its ends have the rest of what a session keeps. */
const UNREAD_MAX = SOCKET_LIMITS.resume_messages / 4;

/** What later stations may tell nodes. */
@Injectable()
export class DispatchCommands {
  constructor(
    private readonly sessions: Sessions,
    private readonly bus: EventBus,
  ) {
    bus.subscribe(NodeTold, ({ node_id, type, body }) => this.send(node_id, type, body));
  }

  /**
   * Tells a node that keeps pieces, wherever it is connected, at most once. Nothing is said to a node that is away, keeps no pieces or does not
   * read, and a word can be lost between processes: whoever tells looks for an answer and tells again.
   */
  tell<T extends TellType>(node_id: string, type: T, body: WireBody<T>): void {
    if (this.sessions.of(node_id)?.connected) return this.send(node_id, type, body);
    for (const part of partsOf(body)) this.bus.publish(NodeTold, { node_id, type, body: part } as (typeof NodeTold)['payload']);
  }

  private send<T extends TellType>(node_id: string, type: T, body: WireBody<T>): void {
    const session = this.sessions.of(node_id);
    if (session && hears(session)) session.send(type, body);
  }
}

const hears = (session: NodeSession): boolean =>
  session.connected && session.keeps_pieces && session.channel.unacknowledged.messages < UNREAD_MAX;

function* partsOf<T extends TellType>(body: WireBody<T>): Iterable<WireBody<TellType>> {
  if (!('pieces' in body)) return yield body;
  for (let from = 0; from < body.pieces.length; from += IDS_MAX) yield { pieces: body.pieces.slice(from, from + IDS_MAX) };
}
