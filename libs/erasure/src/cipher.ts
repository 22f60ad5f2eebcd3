import { HeapError } from '#units';

type Bytes = Uint8Array<ArrayBuffer>;

/** Gives so many bytes that nobody can guess. */
export type Random = (bytes: number) => Bytes | Promise<Bytes>;

export const KEY_BYTES = 32;
export const IV_BYTES = 12;
/** What AES-GCM adds to a text. */
export const TAG_BYTES = 16;
const ALGORITHM = 'AES-GCM';

function subtle(): typeof crypto.subtle {
  if (typeof crypto === 'object' && crypto.subtle) return crypto.subtle;
  throw new HeapError('erasure.no_crypto', 'This page has no WebCrypto: open it over https, or from localhost.', 'user');
}

export const strongRandom: Random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));

/**
 * Random bytes that the seed gives again: an upload that broke off is encoded with the same keys the second time, so that its pieces are
 * those that are stored already. HMAC-SHA-256 of a counter. @param seed 32 random bytes, as secret as what is encrypted with it, for one file.
 */
export function seededRandom(seed: Uint8Array): Random {
  const imported = subtle().importKey('raw', seed as Bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  imported.catch(() => {});
  let counter = 0;
  return async (bytes) => {
    const out = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += 32) {
      const block = new Uint8Array(8);
      new DataView(block.buffer).setBigUint64(0, BigInt(counter++));
      out.set(new Uint8Array(await subtle().sign('HMAC', await imported, block)).subarray(0, bytes - at), at);
    }
    return out;
  };
}

/** A key for this text alone: with random bytes that come again, another text gets another key. HMAC-SHA-256. */
export async function keyFor(text: Uint8Array, random: Uint8Array): Promise<Bytes> {
  const key = await subtle().importKey('raw', random as Bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle().sign('HMAC', key, text as Bytes));
}

/** HKDF-SHA-256 of a secret that is random already: what one purpose is given says nothing of the secret, nor of another purpose. */
export async function derived(secret: Uint8Array, purpose: string): Promise<Bytes> {
  const key = await subtle().importKey('raw', secret as Bytes, 'HKDF', false, ['deriveBits']);
  const info = new TextEncoder().encode(purpose);
  return new Uint8Array(
    await subtle().deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new Uint8Array(info) }, key, 8 * KEY_BYTES),
  );
}

export interface Sealing {
  /** What is bound to the text without being in it. */
  about?: Uint8Array;
  /** May be absent only for a key that is used once. */
  iv?: Uint8Array;
}
const gcm = ({ about, iv }: Sealing) => ({
  name: ALGORITHM,
  iv: (iv ?? new Uint8Array(IV_BYTES)) as Bytes,
  ...(about && { additionalData: about as Bytes }),
});

/** AES-256-GCM; the tag is at the end. */
export async function seal(key: Uint8Array, text: Uint8Array, sealing: Sealing = {}): Promise<Bytes> {
  const imported = await subtle().importKey('raw', key as Bytes, ALGORITHM, false, ['encrypt']);
  return new Uint8Array(await subtle().encrypt(gcm(sealing), imported, text as Bytes));
}

/** Null when it was not sealed with this key, or not like this. */
export async function unseal(key: Uint8Array, sealed: Uint8Array, sealing: Sealing = {}): Promise<Bytes | null> {
  const imported = await subtle().importKey('raw', key as Bytes, ALGORITHM, false, ['decrypt']);
  try {
    return new Uint8Array(await subtle().decrypt(gcm(sealing), imported, sealed as Bytes));
  } catch {
    return null; // WebCrypto says only that it failed
  }
}
