import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { HTTP_LIMITS } from '#protocol';
import { HeapError } from '#units';

const TIMEOUT_MS = 60_000;

export interface Answer {
  status: number;
  content_type: string;
  body: Buffer;
}

interface Request {
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

/** A body that comes bit by bit. */
interface StreamedRequest extends Omit<Request, 'body'> {
  body?: { bytes: number; chunks: AsyncIterable<Uint8Array> };
  signal: AbortSignal;
}

const unreachable = (url: URL, error: unknown): HeapError =>
  error instanceof HeapError
    ? error
    : new HeapError(
        'heap_unreachable',
        `The heap at ${url.origin} did not answer (${(error as Error).message}). Is the address right and the heap running?`,
        'provider',
      );

/**
 * One request, without redirects. Not `fetch`: the socket has loaded node:http already, and undici would cost an idle device
 * several MiB more.
 * @throws HeapError `heap_unreachable` when nothing answers in time, `answer_too_large`.
 */
export async function request(url: URL, { method, headers, body }: Request): Promise<Answer> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const sent = open(url, { method, headers: { ...headers, ...length }, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const answered = answerOf(sent);
  sent.end(body);
  try {
    return await whole(await answered);
  } catch (error) {
    throw unreachable(url, error);
  }
}

/**
 * One request whose body, or answer, is never whole in memory. It may take long, but not stand still for a minute.
 * @returns the answer's head, and its body as it comes; a body that is cut throws `heap_unreachable`.
 * @throws HeapError `heap_unreachable`, or what `chunks` throws.
 */
export async function streamed(
  url: URL,
  { method, headers, body, signal }: StreamedRequest,
): Promise<{ status: number; body: AsyncIterable<Buffer>; whole: () => Promise<Answer> }> {
  const length = body === undefined ? {} : { 'content-length': String(body.bytes) };
  const sent = open(url, { method, headers: { ...headers, ...length }, signal });
  sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error('it fell silent')));
  const answered = answerOf(sent);
  let is_sending = body !== undefined;
  try {
    if (body === undefined) sent.end();
    else {
      const sending = pipeline(body.chunks, sent).finally(() => {
        is_sending = false;
      });
      sending.catch(() => {});
      // A heap that refuses says so before it has read everything.
      await Promise.race([sending, answered]);
    }
    const response = await answered;
    const heard = async () => {
      const answer = await whole(response);
      if (is_sending) sent.destroy();
      return answer;
    };
    return { status: response.statusCode ?? 0, body: bodyOf(url, response), whole: heard };
  } catch (error) {
    sent.destroy();
    throw unreachable(url, error);
  }
}

function open(url: URL, options: http.RequestOptions): http.ClientRequest {
  return (url.protocol === 'https:' ? https : http).request(url, options);
}

/** What goes wrong later shows in the body. */
function answerOf(sent: http.ClientRequest): Promise<http.IncomingMessage> {
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve);
    sent.on('error', reject);
  });
  answered.catch(() => {});
  return answered;
}

async function* bodyOf(url: URL, response: http.IncomingMessage): AsyncIterable<Buffer> {
  try {
    yield* response as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreachable(url, error);
  }
}

async function whole(response: http.IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.length;
    parts.push(part);
    if (bytes > HTTP_LIMITS.blob_bytes)
      throw new HeapError('answer_too_large', `The heap answered with more than ${HTTP_LIMITS.blob_bytes} bytes.`, 'platform');
  }
  return { status: response.statusCode ?? 0, content_type: response.headers['content-type'] ?? '', body: Buffer.concat(parts) };
}
