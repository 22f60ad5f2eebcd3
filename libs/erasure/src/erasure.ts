import { HeapError } from '#units';
import { type Code, checkCode, generatorRow, recoveryRows } from './code.js';
import type { Kernel } from './kernel/kernel.js';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** How long each piece of `bytes` of data is. */
export const pieceLength = ({ k }: Code, bytes: number): number => Math.ceil(bytes / k);

/** The data in k pieces, the last ones filled up with zeros; pieces that lie within the data share its memory. */
function split(code: Code, data: Uint8Array): Uint8Array[] {
  const length = pieceLength(code, data.length);
  return range(0, code.k).map((i) => {
    const part = data.subarray(i * length, (i + 1) * length);
    if (part.length === length) return part;
    const filled = new Uint8Array(length);
    filled.set(part);
    return filled;
  });
}

/** All n pieces of the data: the first k are the data itself (and share its memory). @throws HeapError `erasure.code_invalid` */
export function encode(kernel: Kernel, code: Code, data: Uint8Array): Uint8Array[] {
  checkCode(code);
  const pieces = split(code, data);
  const parity = range(code.k, code.n).map(() => new Uint8Array(pieceLength(code, data.length)));
  kernel.apply(
    range(code.k, code.n).map((piece) => generatorRow(code, piece)),
    pieces,
    parity,
  );
  return [...pieces, ...parity];
}

/**
 * Makes pieces anew from any k others.
 * @param have Pieces by their number; of more than k the lowest numbers are used, which are data itself and cost nothing.
 * @throws HeapError `erasure.too_few_pieces`, `erasure.pieces_differ` (in length), `erasure.code_invalid`
 */
export function recover(kernel: Kernel, code: Code, have: ReadonlyMap<number, Uint8Array>, want: readonly number[]): Uint8Array[] {
  checkCode(code);
  const used = [...have.keys()]
    .filter((piece) => Number.isInteger(piece) && piece >= 0 && piece < code.n)
    .sort((a, b) => a - b)
    .slice(0, code.k);
  if (used.length < code.k)
    throw new HeapError(
      'erasure.too_few_pieces',
      `${code.k} of ${code.n} pieces are needed and ${used.length} are there: bring more, or wait until their devices are back.`,
      'platform',
    );
  const inputs = used.map((piece) => have.get(piece) as Uint8Array);
  const length = inputs[0]?.length ?? 0;
  if (inputs.some((input) => input.length !== length))
    throw new HeapError('erasure.pieces_differ', 'Pieces of one segment have one length; these do not belong together.', 'platform');
  const lost = want.filter((piece) => !have.has(piece));
  const made = lost.map(() => new Uint8Array(length));
  kernel.apply(recoveryRows(code, used, lost), inputs, made);
  return want.map((piece) => have.get(piece) ?? (made[lost.indexOf(piece)] as Uint8Array));
}

/** The data of any k pieces. @param bytes How long it was. @throws as `recover` */
export function decode(kernel: Kernel, code: Code, have: ReadonlyMap<number, Uint8Array>, bytes: number): Uint8Array<ArrayBuffer> {
  const length = pieceLength(code, bytes);
  const data = new Uint8Array(length * code.k);
  for (const [i, piece] of recover(kernel, code, have, range(0, code.k)).entries()) data.set(piece, i * length);
  return data.subarray(0, bytes);
}
