export type { Code } from './code.js';
export { decode, encode, pieceLength, recover } from './erasure.js';
export type { Kernel } from './kernel/kernel.js';
export { kernel } from './kernel/load.js';
export { scalarKernel } from './kernel/scalar.js';
