/** Instructions of WebAssembly as their bytes: as much of an assembler as the kernel needs (core specification 2.0, section 5). */
export type Code = readonly number[];

/** LEB128 of a whole number that is not negative. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}
/** LEB128 with a sign, of a number that is not negative: its last group must not have the sign's bit. */
function signed(value: number): number[] {
  const bytes = unsigned(value);
  const last = bytes.at(-1) as number;
  return last < 0x40 ? bytes : [...bytes.slice(0, -1), last | 0x80, 0];
}
const vector = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const ALIGN_16 = 4;
const ALIGN_4 = 2;
const ALIGN_2 = 1;

export const I32 = 0x7f;
export const V128 = 0x7b;

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)];
export const tee = (local: number, value: Code): Code => [...value, 0x22, ...unsigned(local)];
export const constant = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const subtract = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const below = (a: Code, b: Code): Code => [...a, ...b, 0x49];
/** The 16 bits at an address, without a sign. */
export const loadHalf = (address: Code, offset: number): Code => [...address, 0x2f, ALIGN_2, ...unsigned(offset)];
export const shift = (value: Code, bits: number): Code => [...value, ...constant(bits), 0x74];
/** Of a function of the module, by its number. */
export const call = (func: number, ...values: readonly Code[]): Code => [...values.flat(), 0x10, ...unsigned(func)];
/** Runs `body`, and again as long as `again` is not 0. */
export const repeat = (body: Code, again: Code): Code => [0x03, 0x40, ...body, ...again, 0x0d, 0, 0x0b];

export const load = (address: Code, offset: number): Code => [...address, ...vector(0), ALIGN_16, ...unsigned(offset)];
export const store = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  ...vector(11),
  ALIGN_16,
  ...unsigned(offset),
];
/** A vector that has the byte 16 times. */
export const splat = (byte: number): Code => [...vector(12), ...Array<number>(16).fill(byte)];
export const xor = (a: Code, b: Code): Code => [...a, ...b, ...vector(81)];
export const and = (a: Code, b: Code): Code => [...a, ...b, ...vector(78)];
export const or = (a: Code, b: Code): Code => [...a, ...b, ...vector(80)];
/** The bytes of both vectors (0 to 15, 16 to 31) that are named. */
export const shuffle = (a: Code, b: Code, names: Code): Code => [...a, ...b, ...vector(13), ...names];
/** The 32-bit word at an address, 4 times. */
export const loadSplat = (address: Code, offset: number): Code => [...address, ...vector(9), ALIGN_4, ...unsigned(offset)];
/** Of each of four 32-bit words. */
export const addWords = (a: Code, b: Code): Code => [...a, ...b, ...vector(174)];
export const shiftLeftWords = (a: Code, bits: number): Code => [...a, ...constant(bits), ...vector(171)];
export const shiftRightWords = (a: Code, bits: number): Code => [...a, ...constant(bits), ...vector(173)];
/** Of both 64-bit halves. */
export const shiftLeft = (a: Code, bits: number): Code => [...a, ...constant(bits), ...vector(203)];
export const shiftRight = (a: Code, bits: number): Code => [...a, ...constant(bits), ...vector(205)];

export interface Func {
  name: string;
  /** All of them are I32. */
  parameters: number;
  /** Types of the locals, which are numbered after the parameters. */
  locals: readonly number[];
  body: Code;
}

const section = (id: number, items: readonly Code[]): number[] => {
  const bytes = [...unsigned(items.length), ...items.flat()];
  return [id, ...unsigned(bytes.length), ...bytes];
};
const text = (name: string): number[] => [name.length, ...new TextEncoder().encode(name)];

/** A module with these functions, which return nothing, over a memory of `pages`, `memory`. */
export function moduleOf(functions: readonly Func[], pages: number): Uint8Array<ArrayBuffer> {
  const body = ({ locals, body }: Func): number[] => {
    const bytes = [...unsigned(locals.length), ...locals.flatMap((type) => [1, type]), ...body, 0x0b];
    return [...unsigned(bytes.length), ...bytes];
  };
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      functions.map(({ parameters }) => [0x60, ...unsigned(parameters), ...Array<number>(parameters).fill(I32), 0]),
    ),
    ...section(
      3,
      functions.map((_, i) => unsigned(i)),
    ),
    ...section(5, [[1, ...unsigned(pages), ...unsigned(pages)]]),
    ...section(7, [...functions.map(({ name }, i) => [...text(name), 0, ...unsigned(i)]), [...text('memory'), 2, 0]]),
    ...section(10, functions.map(body)),
  ]);
}
