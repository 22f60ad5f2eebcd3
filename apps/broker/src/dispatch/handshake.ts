import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import {
  type Body,
  CLOSE,
  COMMITS,
  decodeFrame,
  FROM_NODE,
  helloSigningText,
  OWNER_WORDS,
  PIECES,
  PROTOCOL,
  SOCKET_LIMITS,
} from '#protocol';
import { HeapError } from '#units';
import { isOwnOrigin } from '../platform/http/same-origin.js';

/** Closes with a code of the protocol; the sentence goes into the close frame's reason (123 bytes at most). */
export class Refusal extends Error {
  constructor(
    readonly close_code: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

export interface Introduction {
  /** Where the connection comes from. */
  address: string;
  hello: Body<'hello'>;
  /** Whether the text that the node signed is signed by this key. */
  isSignedBy: (public_key: string, verify: (key: string, text: string, signature: string) => boolean) => boolean;
}

/**
 * Challenge and hello: asks for a signature over a fresh nonce and waits for it. Everything else that comes first is
 * refused.
 */
export async function introduce(
  socket: WebSocket,
  request: IncomingMessage,
  { address, server_id, public_url }: { address: string; server_id: string; public_url: string | undefined },
): Promise<Introduction> {
  const { origin, cookie } = request.headers;
  // A page of ours sends its cookies unasked; nothing reads them here: the device key alone opens this socket.
  if (origin === undefined ? cookie !== undefined : !isOwnOrigin(request.headers, public_url))
    throw new Refusal(CLOSE.unauthenticated, "This socket is for agents: no cookie, and no Origin but the heap's own.");
  const nonce = randomBytes(24).toString('base64url');
  const text = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Refusal(CLOSE.unauthenticated, 'No hello came in time.')), SOCKET_LIMITS.hello_within_ms);
    const done = () => {
      clearTimeout(timer);
      socket.off('message', onMessage).off('close', onClose);
    };
    const onMessage = (data: Buffer, binary: boolean) => {
      done();
      if (binary) reject(new Refusal(CLOSE.malformed, 'Frames are text.'));
      else resolve(data.toString('utf8'));
    };
    const onClose = () => {
      done();
      reject(new Refusal(CLOSE.unauthenticated, 'The node closed the connection.'));
    };
    socket.once('message', onMessage).once('close', onClose);
    socket.send(JSON.stringify({ v: 1, t: 'challenge', b: { nonce, server_id, versions: [PROTOCOL, OWNER_WORDS, PIECES, COMMITS] } }));
  });
  const hello = readHello(text);
  if (hello.version !== PROTOCOL) throw new Refusal(CLOSE.upgrade, `This heap speaks ${PROTOCOL}: update the agent.`);
  const host = request.headers.host ?? '';
  const signed = helloSigningText({ nonce, host, node_id: hello.node_id, version: hello.version, resume: hello.resume });
  return { address, hello, isSignedBy: (key, verify) => verify(key, signed, hello.signature) };
}

function readHello(text: string): Body<'hello'> {
  try {
    const [message] = decodeFrame(text, FROM_NODE);
    if (message?.t === 'hello') return message.b;
  } catch (error) {
    if (error instanceof HeapError) throw new Refusal(CLOSE.malformed, error.message);
    throw error;
  }
  throw new Refusal(CLOSE.unauthenticated, 'The first message must be hello.');
}
