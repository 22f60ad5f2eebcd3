/** The page of bench:erasure. */
import type { ReedSolomonErasure } from '@subspace/reed-solomon-erasure.wasm';
import { measureCode, measureFile } from './figures.js';

/** The peer's script is CommonJS; the page's first script gives it its `exports`. */
declare const exports: { ReedSolomonErasure: typeof ReedSolomonErasure };

const program = fetch('/peer.wasm').then((response) => response.arrayBuffer());

Object.assign(globalThis, {
  heapTest: {
    code: async (request: Parameters<typeof measureCode>[1]) => {
      const bytes = await program;
      return measureCode(() => exports.ReedSolomonErasure.fromBytes(bytes), request);
    },
    file: measureFile,
  },
});
