import { HeapError } from '#units';
import { platform } from './platform.js';

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true });

export const toUtf8 = (s: string): Uint8Array => utf8.encode(s);
/** Throws TypeError when the bytes are no UTF-8. */
export const fromUtf8 = (bytes: Uint8Array): string => text.decode(bytes);

/** Node.js has a fast base64; browsers have btoa, which takes one character a byte. */
const NodeBuffer = () => platform.Buffer;

export function toBase64(bytes: Uint8Array): string {
  const fast = NodeBuffer();
  if (fast) return fast.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

export function fromBase64(encoded: string): Uint8Array {
  const fast = NodeBuffer();
  if (fast) return new Uint8Array(fast.from(encoded, 'base64'));
  return Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
}

/** SHA-256 in lower-case hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  if (!globalThis.crypto?.subtle)
    throw new HeapError('no_crypto', 'This page has no Web Crypto: open it over https, or from localhost.', 'user');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
