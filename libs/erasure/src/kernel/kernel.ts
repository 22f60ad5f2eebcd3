import type { Row } from '../code.js';

/** What multiplies bytes by a matrix over GF(2⁸), and hashes many short messages. */
export interface Kernel {
  readonly name: 'simd' | 'scalar';
  /**
   * output[r][x] = Σ rows[r][i] · inputs[i][x] for each byte x.
   * @param inputs As many as a row is long, all of one length; they are not changed.
   * @param outputs As many as there are rows, as long as the inputs; what was in them is overwritten.
   */
  apply(rows: readonly Row[], inputs: readonly Uint8Array[], outputs: readonly Uint8Array[]): void;
  /**
   * SHA-256 of (prefix ‖ message) for each message, one after the other.
   * @param prefix One byte.
   * @param messages All of `size` bytes, one after the other.
   */
  digests(prefix: number, messages: Uint8Array, size: number): Uint8Array;
}
