import { HTTP_LIMITS, type Payload, ROUTES, SOCKET_LIMITS } from '#protocol';
import { HeapError } from '#units';
import { fromBase64, fromUtf8, sha256, toBase64, toUtf8 } from './bytes.js';
import type { HttpClient } from './http.js';
import type { Codec } from './module.js';

/** @throws HeapError `bad_input` with the input's index. */
export function encodeInput(value: unknown, codec: Codec, index: number): Uint8Array {
  const refuse = (why: string) => new HeapError('bad_input', `Input ${index} ${why}`, 'developer', { index });
  if (codec === 'bytes') {
    if (value instanceof Uint8Array) return value;
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (typeof value === 'string') return toUtf8(value);
    throw refuse('is not bytes: this module takes a Uint8Array, an ArrayBuffer or a string.');
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw refuse(`cannot be written as JSON: ${(error as Error).message}.`);
  }
  if (text === undefined) throw refuse(`is ${typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`}, which JSON cannot carry.`);
  return toUtf8(text);
}

/** @throws HeapError `bad_output` when a JSON task wrote something else. */
export function decodeOutput(bytes: Uint8Array, codec: Codec, index: number): unknown {
  if (codec === 'bytes') return bytes;
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    throw new HeapError('bad_output', `The output of task ${index} is not JSON.`, 'developer', { index });
  }
}

/** Bytes as the protocol carries them: inside the message up to 32 KiB, else put as a blob under their hash. */
export async function putPayload(http: HttpClient, bytes: Uint8Array, signal?: AbortSignal): Promise<Payload> {
  if (bytes.length <= SOCKET_LIMITS.inline_bytes) return { inline: toBase64(bytes) };
  if (bytes.length > HTTP_LIMITS.blob_bytes)
    throw new HeapError(
      'bad_input',
      `An input of ${bytes.length} bytes is too large; the limit is ${HTTP_LIMITS.blob_bytes}.`,
      'developer',
    );
  const hash = await sha256(bytes);
  await http.call(ROUTES.putBlob, { params: { hash }, body: bytes, timeout_ms: 300_000, patient: true, signal });
  return { hash, bytes: bytes.length };
}

/** @throws HeapError `hash_mismatch` when the heap hands out other bytes than the hash says. */
export async function getPayload(http: HttpClient, payload: Payload, signal?: AbortSignal): Promise<Uint8Array> {
  if ('inline' in payload) return fromBase64(payload.inline);
  const bytes = await http.bytes(ROUTES.getBlob, { params: { hash: payload.hash }, timeout_ms: 300_000, patient: true, signal });
  if ((await sha256(bytes)) !== payload.hash)
    throw new HeapError('hash_mismatch', `The heap handed out bytes that are not ${payload.hash}.`, 'platform', { hash: payload.hash });
  return bytes;
}
