import type { Kernel } from './kernel.js';
import { withNativeHash } from './native.js';
import { scalarKernel } from './scalar.js';
import { simdKernel } from './simd.js';

let loaded: Promise<Kernel> | undefined;

/** The fastest kernel that runs here, one for the whole process. A page needs `wasm-unsafe-eval` in its policy, or gets the slow one. */
export function kernel(): Promise<Kernel> {
  loaded ??= simdKernel()
    .catch(() => null)
    .then((simd) => withNativeHash(simd ?? scalarKernel));
  return loaded;
}
