import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 raw bytes (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export const rawPublicKey = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length).toString('base64');

/** @returns false for a wrong signature and for a key that is none. */
export function verifyEd25519(public_key_base64: string, text: string, signature_base64: string): boolean {
  try {
    // As a JWK a key is read in half the time that DER takes.
    const x = Buffer.from(public_key_base64, 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    return verify(null, Buffer.from(text), key, Buffer.from(signature_base64, 'base64'));
  } catch {
    return false;
  }
}

export const signEd25519 = (key: KeyObject, text: string): string => sign(null, Buffer.from(text), key).toString('base64');
