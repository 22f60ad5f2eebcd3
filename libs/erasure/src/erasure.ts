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

/** Bytes that the pieces take which are not the data itself. */
export const parityBytes = (code: Code, bytes: number): number => (code.n - code.k) * pieceLength(code, bytes);

/**
 * All n pieces of the data: the first k are the data itself (and share its memory).
 * @param room For the others, at least `parityBytes` long; memory that was used before is some third faster than what the system gives anew.
 * @throws HeapError `erasure.code_invalid`
 */
export function encode(kernel: Kernel, code: Code, data: Uint8Array, room?: Uint8Array): Uint8Array[] {
  checkCode(code);
  const memory = room ?? new Uint8Array(parityBytes(code, data.length));
  const pieces = split(code, data);
  const length = pieceLength(code, data.length);
  const parity = range(0, code.n - code.k).map((i) => memory.subarray(i * length, (i + 1) * length));
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
  return recoverInto(kernel, code, have, want, (_, length) => new Uint8Array(length));
}

/** @param room Where a piece is made that is not there, so long. */
function recoverInto(
  kernel: Kernel,
  code: Code,
  have: ReadonlyMap<number, Uint8Array>,
  want: readonly number[],
  room: (piece: number, length: number) => Uint8Array,
): Uint8Array[] {
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
  const made = lost.map((piece) => room(piece, length));
  kernel.apply(recoveryRows(code, used, lost), inputs, made);
  return want.map((piece) => have.get(piece) ?? (made[lost.indexOf(piece)] as Uint8Array));
}

/** How much room decoding needs: the data and what its last pieces are filled up with. */
export const wholeBytes = (code: Code, bytes: number): number => code.k * pieceLength(code, bytes);

/**
 * The first k pieces one after the other, which is the data and what it was filled up with.
 * @param room For them, at least `wholeBytes` long; as for `encode`, memory that was used before is faster, by up to a half.
 * @throws as `recover`
 */
export function decodeWhole(
  kernel: Kernel,
  code: Code,
  have: ReadonlyMap<number, Uint8Array>,
  piece_bytes: number,
  room?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const whole = piece_bytes * code.k;
  const data = room?.subarray(0, whole) ?? new Uint8Array(whole);
  const placeOf = (piece: number) => data.subarray(piece * piece_bytes, (piece + 1) * piece_bytes);
  const pieces = recoverInto(kernel, code, have, range(0, code.k), (piece, length) => {
    if (length === piece_bytes) return placeOf(piece);
    throw new HeapError(
      'erasure.pieces_differ',
      `These pieces have ${length} bytes, and those of this segment ${piece_bytes}.`,
      'platform',
    );
  });
  for (const [i, piece] of pieces.entries()) if (have.has(i)) data.set(piece, i * piece_bytes);
  return data;
}

/** The data of any k pieces. @param bytes How long it was. @param room As for `decodeWhole`. @throws as `recover` */
export function decode(
  kernel: Kernel,
  code: Code,
  have: ReadonlyMap<number, Uint8Array>,
  bytes: number,
  room?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  return decodeWhole(kernel, code, have, pieceLength(code, bytes), room).subarray(0, bytes);
}
