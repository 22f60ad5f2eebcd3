import { MARKETS } from '#units';

/** Who may hear of a topic: anyone, who is signed in (each of their own), or admins. */
type Hearer = 'anyone' | 'person' | 'admin';

interface Topic {
  readonly heard_by: Hearer;
  /** At most one hint in this time. */
  readonly every_ms: number;
  /** What follows the name after a colon, where something does. */
  readonly of?: 'node' | 'job' | 'market';
}

const own = { heard_by: 'person', every_ms: 250 } as const;
const figures = { heard_by: 'anyone', every_ms: 1_000 } as const;
const admin = { heard_by: 'admin', every_ms: 1_000 } as const;

/** Everything that can be listened to. `node:<id>` and `job:<id>` are the listener's own, too. */
export const LIVE_TOPICS = {
  nodes: own,
  node: { ...own, of: 'node' },
  earnings: own,
  payouts: own,
  leases: own,
  offers: own,
  penalties: own,
  objections: own,
  jobs: own,
  job: { ...own, of: 'job' },
  funds: own,
  deposits: own,
  reservations: own,
  volumes: own,
  keys: own,
  notices: own,
  sessions: own,
  market: { ...figures, of: 'market' },
  markets: figures,
  heap: { ...figures, every_ms: 2_000 },
  'admin:glance': admin,
  'admin:nodes': admin,
  'admin:money': admin,
  'admin:people': admin,
  'admin:suspects': admin,
  'admin:log': admin,
  'admin:objections': admin,
} as const satisfies Record<string, Topic>;

export type LiveTopicName = keyof typeof LIVE_TOPICS;

/** A topic as it is asked for, taken apart. */
export interface LiveTopic extends Topic {
  readonly name: LiveTopicName;
  /** The id or the market; null where the name says all. */
  readonly subject: string | null;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @returns undefined for a text that names no topic. */
export function liveTopic(text: string): LiveTopic | undefined {
  const whole = find(text);
  if (whole) return 'of' in whole ? undefined : whole;
  const colon = text.indexOf(':');
  const topic = find(text.slice(0, colon));
  const subject = text.slice(colon + 1);
  if (colon < 0 || !topic || !('of' in topic)) return undefined;
  const known = topic.of === 'market' ? (MARKETS as readonly string[]).includes(subject) : UUID.test(subject);
  return known ? { ...topic, subject } : undefined;
}

const find = (name: string): LiveTopic | undefined =>
  Object.hasOwn(LIVE_TOPICS, name) ? { ...LIVE_TOPICS[name as LiveTopicName], name: name as LiveTopicName, subject: null } : undefined;

export const LIVE_LIMITS = {
  /** A ticket opens one socket within this time. */
  ticket_ms: 30_000,
  hello_within_ms: 5_000,
  /** A sign of life of the heap; whoever hears nothing for twice this time connects again. */
  beat_ms: 20_000,
  frame_bytes: 16 * 1024,
  topics: 64,
  topic_characters: 64,
  /** In one process of the heap. */
  sockets_of_person: 20,
  sockets_of_address: 100,
  rate_per_s: 10,
  rate_burst: 40,
  /** A listener for whom so much waits reads too slowly. */
  unread_bytes: 64 * 1024,
  /** What was missed is known for so long after the last listener to a topic has left, as long as not too many are remembered. */
  remembered_ms: 5 * 60_000,
  remembered_topics: 20_000,
} as const;

/** Why a socket was closed, and what helps. */
export const LIVE_CLOSE = {
  /** The process stops: connect again at once, to another or the next one. */
  restart: 1012,
  /** Too many sockets, or none can be taken now: connect again later. */
  try_later: 1013,
  /** What was sent is no message: the same again would be refused again. */
  malformed: 4400,
  /** The ticket is not good (any more): get another. */
  unauthenticated: 4401,
  /** The sign-in or the rights it had are over: sign in again, or get another ticket. */
  over: 4403,
  /** Read too slowly: connect again and resume. */
  slow: 4413,
  /** Sent too much: connect again later. */
  rate: 4429,
} as const;
