import * as z from 'zod';
import { HeapError } from '#units';
import { SOCKET_LIMITS } from '../limits.js';
import { BODIES, type Body, isReliable, type MessageType, type WireBody } from './messages.js';

/**
 * `{v, t, s, a, x, b}`: version, type, sequence (reliable types only, from 1 per session and direction), cumulative
 * acknowledgement of the peer's sequence, time to live in ms, body.
 */
const envelope = z.strictObject({
  v: z.literal(1),
  t: z.string(),
  s: z.number().int().min(1).optional(),
  a: z.number().int().min(0).optional(),
  x: z.number().int().min(1).optional(),
  b: z.unknown(),
});

export type Message = {
  [T in MessageType]: { t: T; s?: number | undefined; a?: number | undefined; x?: number | undefined; b: Body<T> };
}[MessageType];

export interface WireMessage<T extends MessageType = MessageType> {
  v: 1;
  t: T;
  s?: number;
  a?: number;
  x?: number;
  b: WireBody<T>;
}

const malformed = (sentence: string) => new HeapError('malformed_frame', sentence, 'provider');

/** Nesting deeper than `limit` is refused before JSON.parse sees it. */
function checkDepth(text: string, limit: number): void {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === 92) i++;
      else if (c === 34) quoted = false;
    } else if (c === 34) quoted = true;
    else if (c === 123 || c === 91) {
      if (++depth > limit) throw malformed(`the frame nests deeper than ${limit} levels`);
    } else if (c === 125 || c === 93) depth--;
  }
}

/**
 * One frame (a message or an array of them) to checked messages.
 * @param allowed types the sender may use.
 * @throws HeapError `malformed_frame` that says what is wrong; the connection is then closed with 4400.
 */
export function decodeFrame(text: string, allowed: ReadonlySet<MessageType>): Message[] {
  checkDepth(text, SOCKET_LIMITS.json_depth);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw malformed('the frame is not JSON');
  }
  const list = Array.isArray(parsed) ? parsed : [parsed];
  if (list.length === 0) throw malformed('the frame holds no message');
  return list.map((item) => decodeMessage(item, allowed));
}

function decodeMessage(item: unknown, allowed: ReadonlySet<MessageType>): Message {
  const outer = envelope.safeParse(item);
  if (!outer.success) throw malformed(`not an envelope: ${z.prettifyError(outer.error)}`.slice(0, 400));
  const { t, s, a, x, b } = outer.data;
  if (!allowed.has(t as MessageType)) throw malformed(`a message of type "${t.slice(0, 40)}" is not known here`);
  const type = t as MessageType;
  if (isReliable(type) !== (s !== undefined))
    throw malformed(isReliable(type) ? `"${type}" needs a sequence number` : `"${type}" carries no sequence number`);
  const body = BODIES[type].safeParse(b);
  if (!body.success) throw malformed(`"${type}": ${z.prettifyError(body.error)}`.slice(0, 400));
  return { t: type, s, a, x, b: body.data } as Message;
}
