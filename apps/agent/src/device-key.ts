import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import path from 'node:path';
import { HeapError } from '#units';
import { readIfThere, writePrivate } from './private-file.js';

export interface DeviceKey {
  /** Raw, 32 bytes, base64. */
  public_key: string;
  sign(text: string): string;
}

const FILE = 'device-key.pem';

/**
 * The device's Ed25519 key, made here at the first start; it never leaves the device.
 * @throws HeapError `device_key_unreadable` when the file is not such a key.
 */
export function deviceKey(dir: string): DeviceKey {
  const file = path.join(dir, FILE);
  const kept = readIfThere(file);
  if (kept !== null) return use(parse(kept, file));
  const { privateKey } = generateKeyPairSync('ed25519');
  writePrivate(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return use(privateKey);
}

function parse(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new HeapError(
    'device_key_unreadable',
    `${file} holds no Ed25519 key. Delete it and enrol the device again with a new code.`,
    'owner',
  );
}

function use(key: KeyObject): DeviceKey {
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  return {
    public_key: Buffer.from(x ?? '', 'base64url').toString('base64'),
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  };
}

/** Checks signatures by the heap. @param public_key raw, base64. */
export function heapVerifier(public_key: string): (text: string, signature: string) => boolean {
  const x = Buffer.from(public_key, 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return (text, signature) => verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
}
