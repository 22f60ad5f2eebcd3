import { EXPORTS } from '../../../libs/sandbox/src/meter/encode.js';

import { wasm } from '../../../libs/sandbox/src/runtime/engine.js';
import { Stop } from '../../../libs/sandbox/src/runtime/stop.js';
import { WASI_MODULE } from '../../../libs/sandbox/src/wasi/signatures.js';
import { Wasi } from '../../../libs/sandbox/src/wasi/wasi.js';
import { LIMITS } from './programs.js';

/** The same module, not instrumented, in the same world: what metering is measured against. */
export function plainCommand(bytes: Uint8Array): () => void {
  const module = new wasm.Module(bytes);
  const wasi = new Wasi();
  return () => {
    wasi.begin({ input: new Uint8Array(0) }, LIMITS);
    const { exports } = new wasm.Instance(module, { [WASI_MODULE]: wasi.imports });
    wasi.attach({ memory: exports.memory, [EXPORTS.fuel]: { value: LIMITS.fuel } }, LIMITS.fuel);
    try {
      (exports._start as () => void)();
    } catch (error) {
      if (!(error instanceof Stop)) throw error;
    }
    wasi.end();
  };
}
