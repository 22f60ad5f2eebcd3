/** What random programs need to know of vector instructions: which there are, which lanes they name, and which compute NaNs. */
import { SIMD } from '../../libs/sandbox/src/meter/simd.js';

export type Letter = 'i' | 'I' | 'f' | 'F' | 'v';

export interface VectorOp {
  number: number;
  /** Operand letters, the first an address where there is memory to reach. */
  operands: Letter[];
  result: Letter | null;
  address: boolean;
  /** How many values the lane's immediate has; 0 without one. */
  lanes: number;
  immediate: 'none' | 'constant' | 'shuffle';
  /** The lanes in which the specification leaves a NaN's bits to the engine; written here anew, not taken from the table under test. */
  computes: 'f32x4' | 'f64x2' | null;
}

const COMPUTES: Record<'f32x4' | 'f64x2', string[]> = {
  f32x4: 'ceil floor trunc nearest sqrt add sub mul div min max demote_f64x2_zero'.split(' '),
  f64x2: 'ceil floor trunc nearest sqrt add sub mul div min max promote_low_f32x4'.split(' '),
};

function lanesOf(name: string): number {
  const memory = /^v128\.(?:load|store)(\d+)_lane$/.exec(name);
  if (memory) return 128 / Number(memory[1]);
  return /_lane/.test(name) ? Number(/x(\d+)\./.exec(name)?.[1]) : 0;
}

export const VECTOR_OPS: VectorOp[] = SIMD.flatMap((op, number) => {
  if (!op) return [];
  const [operands = '', result = ''] = op.type.split(':');
  const [lanes, name] = op.name.split('.') as [string, string];
  const computes = lanes === 'f32x4' || lanes === 'f64x2' ? lanes : null;
  return {
    number,
    operands: [...operands] as Letter[],
    result: (result as Letter) || null,
    address: op.immediate.startsWith('memarg'),
    lanes: lanesOf(op.name),
    immediate: op.immediate === 'constant' || op.immediate === 'shuffle' ? op.immediate : 'none',
    computes: computes !== null && COMPUTES[computes].includes(name) ? computes : null,
  };
});

const byResult = (result: Letter | null) => VECTOR_OPS.filter((op) => op.result === result && op.immediate !== 'constant');
export const VECTOR_OPS_BY_RESULT: Record<Letter, VectorOp[]> = {
  i: byResult('i'),
  I: byResult('I'),
  f: byResult('f'),
  F: byResult('F'),
  // Float instructions twice more: it is their NaNs that are looked for.
  v: [...byResult('v'), ...byResult('v').filter((op) => op.computes), ...byResult('v').filter((op) => op.computes)],
};
export const VECTOR_STORES = byResult(null);

/** NaNs of either sign, quiet and signalling, with and without payload; numbers that make more of them; words that look like both. */
export const WORDS = [
  0x7fc00000, 0xffc00000, 0x7f800001, 0xffa12345, 0x7fc12345, 0xffffffff, 0x7ff80000, 0xfff80000, 0xfff40001, 0x7ff00000, 0xfff00000,
  0x7f800000, 0xff800000, 0x80000000, 0, 0, 0x3f800000, 0x3ff00000, 0xbff00000, 0xcf000000, 0x4f000000, 1,
];

/** Sixteen shuffle indices: of bytes, of f32 lanes or of f64 lanes. */
export function shuffle(next: (n: number) => number): number[] {
  const width = [1, 4, 8][next(3)] as number;
  return Array.from({ length: 16 / width }, () => next(32 / width) * width).flatMap((base) =>
    Array.from({ length: width }, (_, i) => base + i),
  );
}
