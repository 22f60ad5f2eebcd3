import { DIGEST_BYTES } from '../sha256.js';
import type { Kernel } from './kernel.js';

/** From so many bytes on, Node.js hashes a message sooner than the kernel does, as its call costs what the kernel needs for half of that. */
const NATIVE_FROM = 1_024;

/** `crypto.hash` of Node.js, which browsers lack; looked up, as an import would be in the pages' bundles. */
interface Host {
  process?: {
    getBuiltinModule?(name: 'node:crypto'): { hash?(algorithm: 'sha256', message: Uint8Array, encoding: 'latin1'): string } | undefined;
  };
}

/** The kernel with longer messages hashed by Node.js; itself where that is not there. */
export function withNativeHash(kernel: Kernel): Kernel {
  const hash = (globalThis as unknown as Host).process?.getBuiltinModule?.('node:crypto')?.hash;
  if (!hash) return kernel;
  return {
    name: kernel.name,
    apply: (rows, inputs, outputs) => kernel.apply(rows, inputs, outputs),
    digests(prefix, messages, size) {
      if (size < NATIVE_FROM) return kernel.digests(prefix, messages, size);
      const message = new Uint8Array(1 + size);
      message[0] = prefix;
      const digests = new Uint8Array((messages.length / size) * DIGEST_BYTES);
      for (let from = 0, at = 0; from < messages.length; from += size) {
        message.set(messages.subarray(from, from + size), 1);
        // a string of bytes, as making a Buffer costs a third of the hashing of a leaf
        const digest = hash('sha256', message, 'latin1');
        for (let i = 0; i < DIGEST_BYTES; i++) digests[at++] = digest.charCodeAt(i);
      }
      return digests;
    },
  };
}
