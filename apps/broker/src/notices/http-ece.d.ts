declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  /** What of the package is used here: encryption for web push. */
  interface Parameters {
    version: 'aes128gcm';
    salt: string;
    privateKey: ECDH;
    dh: string;
    authSecret: string;
  }
  const ece: { encrypt(bytes: Buffer, parameters: Parameters): Buffer };
  export default ece;
}
