import type { Kernel } from './kernel.js';
import { scalarKernel } from './scalar.js';
import { simdKernel } from './simd.js';

let loaded: Promise<Kernel> | undefined;

/** The fastest kernel that runs here, one for the whole process. A page needs `wasm-unsafe-eval` in its policy, or gets the slow one. */
export function kernel(): Promise<Kernel> {
  loaded ??= simdKernel().then(
    (simd) => simd ?? scalarKernel,
    () => scalarKernel,
  );
  return loaded;
}
