export * from './capabilities.js';
export { KEY_BYTES, type Random, seededRandom } from './cipher.js';
export type { Code } from './code.js';
export {
  checkDescriptor,
  DATA_BYTES_MAX,
  descriptorHash,
  isPiece,
  recoverPieces,
  SEGMENT_BYTES,
  type SegmentDescriptor,
} from './descriptor.js';
export * from './directory.js';
export { decode, encode, parityBytes, pieceLength, recover, wholeBytes } from './erasure.js';
export type { Kernel } from './kernel/kernel.js';
export { kernel } from './kernel/load.js';
export { scalarKernel } from './kernel/scalar.js';
export type { Manifest } from './manifest.js';
export * from './merkle.js';
export * from './segments.js';
export type { ByteSource } from './streams.js';
