import { HeapError } from '#units';
import { inverse, multiply } from './galois.js';

/** A systematic Reed-Solomon code: pieces 0 to k − 1 are the data itself, any k of the n pieces give it back. */
export interface Code {
  k: number;
  n: number;
}
/** Coefficients of one piece over k others. */
export type Row = Uint8Array<ArrayBuffer>;

const PIECES_MAX = 255;

/** @throws HeapError `erasure.code_invalid` */
export function checkCode({ k, n }: Code): void {
  if (Number.isInteger(k) && Number.isInteger(n) && 1 <= k && k <= n && n <= PIECES_MAX) return;
  throw new HeapError('erasure.code_invalid', `A code of ${k} of ${n} pieces is not possible: 1 ≤ k ≤ n ≤ ${PIECES_MAX}.`, 'developer');
}

/**
 * A piece as a combination of the k data pieces. Beyond those it is a row of a Cauchy matrix, 1 / (piece ⊕ i): every square part of a
 * Cauchy matrix can be inverted, which is what "any k" needs (Blömer et al. 1995; the same rows as ISA-L's `gf_gen_cauchy1_matrix`).
 */
export function generatorRow({ k }: Code, piece: number): Row {
  return Uint8Array.from({ length: k }, (_, i) => (piece < k ? Number(i === piece) : inverse(piece ^ i)));
}

/** The wanted pieces as combinations of the k that are there, in the order of `have`. @param have k different pieces. */
export function recoveryRows(code: Code, have: readonly number[], want: readonly number[]): Row[] {
  const data = invert(have.map((piece) => generatorRow(code, piece)));
  return want.map((piece) => combine(generatorRow(code, piece), data));
}

/** The combination `row` of the rows of a matrix. */
function combine(row: Row, matrix: readonly Row[]): Row {
  const sum = new Uint8Array(matrix[0]?.length ?? 0);
  for (const [i, factor] of row.entries()) addTo(sum, matrix[i] as Row, factor);
  return sum;
}

function addTo(sum: Row, row: Row, factor: number): void {
  if (factor === 0) return;
  for (const [i, value] of row.entries()) sum[i] = (sum[i] as number) ^ multiply(value, factor);
}

/** By Gauss and Jordan. @param matrix Square, of pieces of one code: it has an inverse. */
function invert(matrix: readonly Row[]): Row[] {
  const size = matrix.length;
  const left = matrix.map((row) => row.slice());
  const right = matrix.map((_, i) => Uint8Array.from({ length: size }, (_, j) => Number(i === j)));
  for (let column = 0; column < size; column++) {
    const pivot = left.findIndex((row, i) => i >= column && row[column] !== 0);
    for (const side of [left, right]) [side[column], side[pivot]] = [side[pivot] as Row, side[column] as Row];
    const factor = inverse((left[column] as Row)[column] as number);
    for (const side of [left, right]) side[column] = (side[column] as Row).map((value) => multiply(value, factor));
    for (let i = 0; i < size; i++) {
      const value = (left[i] as Row)[column] as number;
      if (i === column) continue;
      for (const side of [left, right]) addTo(side[i] as Row, side[column] as Row, value);
    }
  }
  return right;
}
