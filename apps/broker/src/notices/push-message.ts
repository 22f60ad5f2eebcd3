import { createECDH, randomBytes } from 'node:crypto';
import ece from 'http_ece';

/** Push services take 4,096 bytes, of which header and tag are 103. */
const PAYLOAD_BYTES = 3_900;

export interface PushTarget {
  /** The browser's public key and secret, in base64url. */
  p256dh: string;
  auth: string;
}

/** Encrypts for a browser alone (RFC 8291, content coding aes128gcm). */
export function encrypted(payload: string, { p256dh, auth }: PushTarget): Buffer {
  const bytes = Buffer.from(payload);
  if (bytes.length > PAYLOAD_BYTES) throw new RangeError(`a push of ${bytes.length} bytes: at most ${PAYLOAD_BYTES} fit`);
  const privateKey = createECDH('prime256v1');
  privateKey.generateKeys();
  return ece.encrypt(bytes, {
    version: 'aes128gcm',
    salt: randomBytes(16).toString('base64url'),
    privateKey,
    dh: p256dh,
    authSecret: auth,
  });
}
