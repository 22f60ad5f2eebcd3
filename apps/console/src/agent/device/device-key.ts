import { HeapError } from '#units';
import { fromBase64, toBase64 } from '../platform.js';
import type { KeptKey, Settings } from '../storage/settings.js';

const P256 = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const P256_SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const encoder = new TextEncoder();

export interface DeviceKey {
  algorithm: KeptKey['algorithm'];
  /** Raw, base64. */
  public_key: string;
  /** Base64; of P-256 as IEEE P1363 has it. */
  sign(text: string): Promise<string>;
}

/** The device's key, made here the first time; no script can read its private half, so none can copy it. */
export async function deviceKey(settings: Settings): Promise<DeviceKey> {
  let kept = await settings.key();
  if (kept === null) {
    kept = await makeKey();
    await settings.keepKey(kept);
  }
  const { algorithm, public_key, private_key } = kept;
  return {
    algorithm,
    public_key,
    sign: async (text) => {
      const how = algorithm === 'ed25519' ? 'Ed25519' : P256_SIGNATURE;
      return toBase64(new Uint8Array(await crypto.subtle.sign(how, private_key, encoder.encode(text))));
    },
  };
}

/** The next enrolment makes another. */
export const forgetKey = (settings: Settings): Promise<void> => settings.keepKey(null);

/** Ed25519, or P-256 where the browser is too old for it. */
async function makeKey(): Promise<KeptKey> {
  try {
    return await kept('ed25519', (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair);
  } catch (error) {
    if ((error as DOMException).name !== 'NotSupportedError') throw error;
    return kept('p256', await crypto.subtle.generateKey(P256, false, ['sign', 'verify']));
  }
}

async function kept(algorithm: KeptKey['algorithm'], { publicKey, privateKey }: CryptoKeyPair): Promise<KeptKey> {
  const public_key = toBase64(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)));
  return { algorithm, private_key: privateKey, public_key };
}

type Verify = (text: string, signature: string) => Promise<boolean>;

/**
 * Checks signatures by the heap, which are Ed25519 always; a browser without it fetches a program for that.
 * @param public_key raw, base64.
 * @throws HeapError `heap_key_unusable`.
 */
export async function heapVerifier(public_key: string): Promise<Verify> {
  const raw = fromBase64(public_key);
  try {
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    return (text, signature) => crypto.subtle.verify('Ed25519', key, fromBase64(signature), encoder.encode(text));
  } catch (error) {
    if ((error as DOMException).name !== 'NotSupportedError')
      throw new HeapError('heap_key_unusable', `The key of the heap cannot be used: ${String(error)}`, 'platform');
    const { verifyAsync } = await import('@noble/ed25519');
    return async (text, signature) => {
      try {
        return await verifyAsync(fromBase64(signature), encoder.encode(text), raw);
      } catch {
        return false; // of the wrong length, or no point of the curve
      }
    };
  }
}
