import type { RuntimePlatform } from '#sandbox';

const encoder = new TextEncoder();

/**
 * Lends a runtime a hash that makes its `output_hash` cover all that a run leaves: its whole memory, and its output. The product does not
 * report memory; a comparison of engines must see it.
 */
export function stateHash(sha256: (bytes: Uint8Array) => string): Pick<RuntimePlatform, 'sha256' | 'onMemory'> {
  let memory_hash: string | null = null;
  return {
    onMemory: (memory) => {
      memory_hash = sha256(memory);
    },
    sha256: (bytes) => {
      if (memory_hash === null) return sha256(bytes);
      const both = encoder.encode(`${memory_hash}:${sha256(bytes)}`);
      memory_hash = null;
      return sha256(both);
    },
  };
}
