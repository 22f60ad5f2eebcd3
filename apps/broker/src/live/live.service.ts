import { randomBytes } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { LIVE_CLOSE, LIVE_LIMITS, type LiveMessage, type LiveRequest, type LiveTopic, liveTopic } from '#protocol';
import { PeopleQuery } from '../accounts/accounts.query.js';
import { NodesQuery } from '../nodes/nodes.query.js';
import { OrdersQuery } from '../orders/orders.query.js';
import { Crowd } from './crowd.js';
import { ofPerson, ofSubject } from './keys.js';
import type { Listener } from './listener.js';
import { forAdmins, notYours, type Refusal, signInFirst, tooManyTopics, unknownTopic } from './live.errors.js';
import { LiveTickets } from './tickets.service.js';
import { Topics } from './topics.js';

type Asked = Extract<LiveRequest, { t: 'subscribe' }>['topics'][number];
type Subscribed = Extract<LiveMessage, { t: 'subscribed' }>['topics'];
type Refused = Extract<LiveMessage, { t: 'refused' }>['topics'];

/** Lets listeners in and says who may hear what. */
@Injectable()
export class LiveService implements OnModuleDestroy {
  readonly topics = new Topics({
    epoch: randomBytes(6).toString('base64url'),
    now_ms: () => performance.now(),
    later: (ms, work) => setTimeout(work, ms).unref(),
  });
  readonly crowd = new Crowd();

  constructor(
    private readonly tickets: LiveTickets,
    private readonly people: PeopleQuery,
    private readonly nodes: NodesQuery,
    private readonly orders: OrdersQuery,
  ) {}

  onModuleDestroy(): void {
    for (const listener of this.crowd) listener.close(LIVE_CLOSE.restart, 'This process of the heap stops: connect again.');
  }

  async take(listener: Listener, request: LiveRequest): Promise<void> {
    if (request.t === 'hello') return this.greet(listener, request.ticket);
    if (listener.person === undefined) return listener.close(LIVE_CLOSE.malformed, 'Say hello first.');
    if (request.t === 'unsubscribe') for (const topic of request.topics) this.unsubscribe(listener, topic);
    else await this.subscribe(listener, request.topics);
  }

  left(listener: Listener): void {
    for (const topic of [...listener.topics.keys()]) this.unsubscribe(listener, topic);
    this.crowd.remove(listener);
  }

  private async greet(listener: Listener, ticket: string | null): Promise<void> {
    if (listener.person !== undefined) return listener.close(LIVE_CLOSE.malformed, 'You have said hello before.');
    if (ticket === null) listener.person = null;
    else {
      const holder = await this.tickets.take(ticket);
      if (!holder) return listener.close(LIVE_CLOSE.unauthenticated, 'This ticket was used, or is older than 30 seconds: get another.');
      const roles = (await this.people.rightsOf([holder.credential_id])).get(holder.credential_id);
      if (!roles) return listener.close(LIVE_CLOSE.over, 'The sign-in that this ticket is of is over: sign in again.');
      listener.person = { ...holder, roles };
    }
    // It may have left meanwhile, and would stay in the crowd for ever.
    if (!listener.open) return;
    if (!this.crowd.admit(listener)) return listener.close(LIVE_CLOSE.try_later, 'You have too many live sockets open: close one.');
    listener.send({ t: 'welcome', beat_ms: LIVE_LIMITS.beat_ms, signed_in: listener.person !== null });
  }

  private async subscribe(listener: Listener, asked: readonly Asked[]): Promise<void> {
    const subscribed: Subscribed = [];
    const refused: Refused = [];
    for (const { topic: text, after } of asked) {
      const topic = liveTopic(text);
      const key = topic ? await this.keyFor(listener, topic) : unknownTopic(text);
      if (!topic || typeof key !== 'string') refused.push({ topic: text, reason: key as Refusal });
      else if (!listener.topics.has(text) && listener.topics.size >= LIVE_LIMITS.topics)
        refused.push({ topic: text, reason: tooManyTopics(LIVE_LIMITS.topics) });
      else if (listener.open) {
        listener.topics.set(text, key);
        subscribed.push({ topic: text, ...this.topics.add(listener, key, text, topic, after) });
      }
    }
    if (subscribed.length > 0) listener.send({ t: 'subscribed', topics: subscribed });
    if (refused.length > 0) listener.send({ t: 'refused', topics: refused });
  }

  private unsubscribe(listener: Listener, topic: string): void {
    const key = listener.topics.get(topic);
    if (key === undefined) return;
    listener.topics.delete(topic);
    this.topics.remove(listener, key);
  }

  /** By which the topic is known inside, or why this listener does not hear it. */
  private async keyFor({ person }: Listener, { name, subject, heard_by, of }: LiveTopic): Promise<string | Refusal> {
    if (heard_by === 'anyone') return subject === null ? name : ofSubject(name, subject);
    if (!person) return signInFirst();
    if (heard_by === 'admin') return person.roles.includes('admin') ? name : forAdmins();
    if (subject === null) return ofPerson(name, person.person_id);
    const own =
      of === 'node' ? (await this.nodes.byId(subject))?.owner_id === person.person_id : await this.orders.isOf(person.person_id, subject);
    return own ? ofSubject(name, subject) : notYours();
  }
}
