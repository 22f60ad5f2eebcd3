import * as z from 'zod';
import { LIVE_LIMITS } from './live-topics.js';
import { code } from './scalars.js';

const topicText = z.string().min(1).max(LIVE_LIMITS.topic_characters);
/** Where a listener is in a topic: opaque, and good in the process of the heap that gave it. */
const cursor = z.string().max(64);

/** What a listener says. The first message is `hello`, and there is one. */
export const liveRequest = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('hello'),
    /** From `POST /v1/live/tickets`; null hears what anyone may. */
    ticket: z.string().max(128).nullable(),
  }),
  z.strictObject({
    t: z.literal('subscribe'),
    /** `after` is the last cursor that the listener had: it is told whether it missed something since. */
    topics: z
      .array(z.strictObject({ topic: topicText, after: cursor.optional() }))
      .min(1)
      .max(LIVE_LIMITS.topics),
  }),
  z.strictObject({ t: z.literal('unsubscribe'), topics: z.array(topicText).min(1).max(LIVE_LIMITS.topics) }),
]);
export type LiveRequest = z.infer<typeof liveRequest>;

const hint = z.object({ topic: z.string(), cursor });

/** What the heap says. */
export const liveMessage = z.discriminatedUnion('t', [
  z.object({ t: z.literal('welcome'), beat_ms: z.number(), signed_in: z.boolean() }),
  z.object({
    t: z.literal('subscribed'),
    /** `missed`: nothing since `after`; something; or that is not known, as after a restart. Of a first subscription it is nothing. */
    topics: z.array(z.object({ topic: z.string(), cursor, missed: z.enum(['nothing', 'something', 'unknown']) })),
  }),
  z.object({
    t: z.literal('refused'),
    topics: z.array(z.object({ topic: z.string(), reason: z.object({ code, sentence: z.string() }) })),
  }),
  /** Something of these topics changed: whoever shows it asks for it. */
  z.object({ t: z.literal('hints'), hints: z.array(hint) }),
  z.object({ t: z.literal('beat') }),
]);
export type LiveMessage = z.infer<typeof liveMessage>;
export type Missed = Extract<LiveMessage, { t: 'subscribed' }>['topics'][number]['missed'];
