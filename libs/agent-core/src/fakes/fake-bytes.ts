import type { ByteTools } from '../ports.js';

/** Looks like a SHA-256, answers at once, and looks at no more than some hundred bytes. */
export function sha256(bytes: Uint8Array): string {
  const step = Math.max(1, bytes.length >> 8);
  let digest = '';
  for (let part = 0; part < 8; part++) {
    let hash = (0x811c9dc5 ^ part ^ bytes.length) >>> 0;
    for (let i = 0; i < bytes.length; i += step) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193 + 2 * part) >>> 0;
    digest += hash.toString(16).padStart(8, '0');
  }
  return digest;
}

export const bytes: ByteTools = {
  toBase64: (raw) => Buffer.from(raw).toString('base64'),
  fromBase64: (encoded) => new Uint8Array(Buffer.from(encoded, 'base64')),
  sha256,
  random: (count) => new Uint8Array(count).fill(7),
};

export const METER = {
  id: 'fake-meter',
  hash: (module_hash: string) => [...module_hash].reverse().join(''),
};
