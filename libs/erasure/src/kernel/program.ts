import {
  add,
  and,
  below,
  type Code,
  call,
  constant,
  type Func,
  get,
  I32,
  load,
  loadHalf,
  moduleOf,
  repeat,
  set,
  shift,
  shiftLeft,
  shiftRight,
  splat,
  store,
  subtract,
  tee,
  V128,
  xor,
} from './assembler.js';
import { hashes } from './hash-program.js';

/**
 * Multiplication by a constant of GF(2⁸) is linear over GF(2): each bit of a product is the sum of some bits of the factor. So the kernel
 * works on bit planes. `planes` turns a block of each input by 90° (8 vectors of bytes become 8 vectors that hold one bit of each byte),
 * and keeps all 16 sums of each half of its planes ("four Russians"). `sums` makes a plane of an output by adding, for each half of
 * each input, the one sum that the coefficient's bits name, and turns the planes back. That is 2k additions for a plane, where a lookup of
 * halves of bytes needs 8 × k steps more than twice as long for the same bytes.
 */

const BITS = 8;
const VECTOR = 16;
/** Vectors of a plane that are worked on together: one address serves them all. Measured: 4 is fastest for 10 of 40. */
const COLUMNS = 4;
const PLANE = COLUMNS * VECTOR;
/** Of a piece, in bytes. */
export const BLOCK = BITS * PLANE;
/** Half of the planes of a piece. */
const HALF = 4;
const SUMS = 1 << HALF;
/** The sums of one half of one input, in bytes. */
const TABLE = SUMS * PLANE;
/** All sums of an input, in bytes. */
export const INPUT_SUMS = 2 * TABLE;
/** A name of a sum is its number among all sums: 16 times that of the half, and of its sums the one. It has 2 bytes, so that all names have room in the first cache. */
export const NAME_BYTES = 2;

/** Addresses in the kernel's memory. */
export interface Layout {
  pages: number;
  /** Of all sums. */
  sums: number;
  /** For each plane of each output, one name for each half of an input. */
  names: number;
  /** `BLOCK` bytes. */
  scratch: number;
}

const range = (count: number): number[] => [...Array(count).keys()];
const each = (count: number, code: (i: number) => Code): number[] => range(count).flatMap(code);

/** Exchanges bits between 8 vectors, so that bit b of vector a becomes bit a of vector b (Warren, Hacker's Delight, 7-3). */
function turn(first: number, spare: number): Code {
  const exchange = (distance: number, mask: number) =>
    range(BITS)
      .filter((i) => (i & distance) === 0)
      .flatMap((i) => {
        const [a, b] = [first + i, first + i + distance];
        return [
          ...set(spare, and(xor(shiftRight(get(a), distance), get(b)), splat(mask))),
          ...set(b, xor(get(b), get(spare))),
          ...set(a, xor(get(a), shiftLeft(get(spare), distance))),
        ];
      });
  return [...exchange(4, 0x0f), ...exchange(2, 0x33), ...exchange(1, 0x55)];
}

/** All sums of four planes, beginning with none: each is an earlier one and a plane more. */
const sumsOf = (table: number, first: number, offset: number): Code =>
  each(SUMS, (sum) => {
    const plane = 31 - Math.clz32(sum & -sum);
    const rest = sum & (sum - 1);
    const value = sum === 0 ? splat(0) : xor(load(get(table), offset + rest * PLANE), get(first + plane));
    return store(get(table), offset + sum * PLANE, value);
  });

/** `planes(inputs, input, stride)`: makes the sums of a block of each input; inputs lie `stride` bytes apart. */
function planes(layout: Layout): Func {
  const [inputs, input, stride] = [0, 1, 2] as const;
  const [first, spare, table] = [3, 3 + BITS, 4 + BITS];
  const block = each(COLUMNS, (column) => [
    ...each(BITS, (i) => set(first + i, load(get(input), (column * BITS + i) * VECTOR))),
    ...turn(first, spare),
    ...each(2, (half) => sumsOf(table, first + half * HALF, half * TABLE + column * VECTOR)),
  ]);
  const next = [...set(table, add(get(table), constant(INPUT_SUMS))), ...set(input, add(get(input), get(stride)))];
  return {
    name: 'planes',
    parameters: 3,
    locals: [...Array<number>(BITS + 1).fill(V128), I32],
    body: [...set(table, constant(layout.sums)), ...repeat([...block, ...next], tee(inputs, subtract(get(inputs), constant(1))))],
  };
}

/** `sums(rows, inputs, output, stride)`: makes a block of each output. */
function sums(layout: Layout): Func {
  const [rows, inputs, output, stride] = [0, 1, 2, 3] as const;
  const [first, spare, sum] = [4, 4 + BITS, 5 + BITS];
  const [names, left, plane, low, high] = range(5).map((i) => sum + COLUMNS + i) as [number, number, number, number, number];
  const address = (i: number) => shift(loadHalf(get(names), i * NAME_BYTES), Math.log2(PLANE));
  const addUp = repeat(
    [
      ...set(low, address(0)),
      ...set(high, address(1)),
      ...[low, high].flatMap((name) => each(COLUMNS, (c) => set(sum + c, xor(get(sum + c), load(get(name), layout.sums + c * VECTOR))))),
      ...set(names, add(get(names), constant(2 * NAME_BYTES))),
    ],
    tee(left, subtract(get(left), constant(1))),
  );
  const onePlane = [
    ...each(COLUMNS, (c) => set(sum + c, splat(0))),
    ...set(left, get(inputs)),
    ...addUp,
    ...each(COLUMNS, (c) => store(get(plane), c * VECTOR, get(sum + c))),
  ];
  const block = each(COLUMNS, (column) => [
    ...each(BITS, (i) => set(first + i, load(constant(layout.scratch), i * PLANE + column * VECTOR))),
    ...turn(first, spare),
    ...each(BITS, (i) => store(get(output), (column * BITS + i) * VECTOR, get(first + i))),
  ]);
  return {
    name: 'sums',
    parameters: 4,
    locals: [...Array<number>(BITS + 1 + COLUMNS).fill(V128), ...Array<number>(5).fill(I32)],
    body: [
      ...set(names, constant(layout.names)),
      ...repeat(
        [
          ...set(plane, constant(layout.scratch)),
          ...repeat(onePlane, below(tee(plane, add(get(plane), constant(PLANE))), constant(layout.scratch + BITS * PLANE))),
          ...block,
          ...set(output, add(get(output), get(stride))),
        ],
        tee(rows, subtract(get(rows), constant(1))),
      ),
    ],
  };
}

/** Numbers of functions of the module. */
const [PLANES, SUMS_UP] = [0, 1] as const;

/** `code(blocks, inputs, rows, input, output, stride)`: blocks of inputs and outputs lie beside each other, the pieces `stride` bytes apart. */
function code(): Func {
  const [blocks, inputs, rows, input, output, stride] = [0, 1, 2, 3, 4, 5] as const;
  const block = [
    ...call(PLANES, get(inputs), get(input), get(stride)),
    ...call(SUMS_UP, get(rows), get(inputs), get(output), get(stride)),
    ...set(input, add(get(input), constant(BLOCK))),
    ...set(output, add(get(output), constant(BLOCK))),
  ];
  return { name: 'code', parameters: 6, locals: [], body: repeat(block, tee(blocks, subtract(get(blocks), constant(1)))) };
}

/** `code` and `hashes`, all of whose parameters are numbers and addresses. */
export const program = (layout: Layout): Uint8Array<ArrayBuffer> =>
  moduleOf([planes(layout), sums(layout), code(), hashes()], layout.pages);
