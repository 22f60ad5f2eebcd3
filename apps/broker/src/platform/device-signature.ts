import { createPublicKey, verify } from 'node:crypto';
import type { KeyAlgorithm } from '#protocol';
import { verifyEd25519 } from './ed25519.js';

/** SubjectPublicKeyInfo of a P-256 key up to its uncompressed point (RFC 5480). */
const P256_PREFIX = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

/** @returns false for a wrong signature and for a key that is none. */
export function verifyDevice(algorithm: KeyAlgorithm, public_key_base64: string, text: string, signature_base64: string): boolean {
  if (algorithm === 'ed25519') return verifyEd25519(public_key_base64, text, signature_base64);
  try {
    const der = Buffer.concat([P256_PREFIX, Buffer.from(public_key_base64, 'base64')]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    // WebCrypto signs as IEEE P1363: r and s without DER around them.
    return verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature_base64, 'base64'));
  } catch {
    return false;
  }
}
