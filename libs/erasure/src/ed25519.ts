/** Ed25519 (RFC 8032) by WebCrypto, or in a browser that is too old for it by a program of 5 KB. */
type Bytes = Uint8Array<ArrayBuffer>;

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
/** What stands before the 32 bytes of a private key in PKCS #8 (RFC 8410, 7). */
const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

const unsupported = (error: unknown): boolean => (error as { name?: string }).name === 'NotSupportedError';

/** The answer of WebCrypto, or of `@noble/ed25519` where it does not know the curve. */
async function either<T>(native: () => Promise<T>, other: (noble: typeof import('@noble/ed25519')) => Promise<T>): Promise<T> {
  try {
    return await native();
  } catch (error) {
    if (!unsupported(error)) throw error;
    return other(await import('@noble/ed25519'));
  }
}

const privateKey = (seed: Uint8Array) => {
  const pkcs8 = new Uint8Array(PKCS8.length + seed.length);
  pkcs8.set(PKCS8);
  pkcs8.set(seed, PKCS8.length);
  return crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
};

/** @param seed 32 bytes, secret. */
export const publicKeyOf = (seed: Uint8Array): Promise<Bytes> =>
  either(
    async () => {
      const { x = '' } = await crypto.subtle.exportKey('jwk', await privateKey(seed));
      return Uint8Array.from(atob(x.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    },
    async (noble) => new Uint8Array(await noble.getPublicKeyAsync(seed)),
  );

export const sign = (seed: Uint8Array, message: Uint8Array): Promise<Bytes> =>
  either(
    async () => new Uint8Array(await crypto.subtle.sign('Ed25519', await privateKey(seed), message as Bytes)),
    async (noble) => new Uint8Array(await noble.signAsync(message, seed)),
  );

/** False also for what is no key or no signature. */
export async function isSigned(public_key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (public_key.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return either(
    async () => {
      const key = await crypto.subtle.importKey('raw', public_key as Bytes, 'Ed25519', false, ['verify']);
      return crypto.subtle.verify('Ed25519', key, signature as Bytes, message as Bytes);
    },
    (noble) => noble.verifyAsync(signature, message, public_key, { zip215: false }).catch(() => false),
  );
}
