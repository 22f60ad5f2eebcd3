import http from 'node:http';
import https from 'node:https';
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

/**
 * One request, without redirects. Not `fetch`: the socket has loaded node:http already, and undici would cost an idle device
 * several MiB more.
 * @throws HeapError `heap_unreachable` when nothing answers in time, `answer_too_large`.
 */
export function request(url: URL, { method, headers, body }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      if (error instanceof HeapError) return reject(error);
      const sentence = `The heap at ${url.origin} did not answer (${error.message}). Is the address right and the heap running?`;
      reject(new HeapError('heap_unreachable', sentence, 'provider'));
    };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const client = url.protocol === 'https:' ? https : http;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = client.request(url, { method, headers: { ...headers, ...length }, signal }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes > HTTP_LIMITS.blob_bytes)
          response.destroy(
            new HeapError('answer_too_large', `The heap answered with more than ${HTTP_LIMITS.blob_bytes} bytes.`, 'platform'),
          );
      });
      response.on('error', fail);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, content_type: response.headers['content-type'] ?? '', body: Buffer.concat(parts) }),
      );
    });
    sent.on('error', fail);
    sent.end(body);
  });
}
