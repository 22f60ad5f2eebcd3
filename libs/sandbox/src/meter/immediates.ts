import type { Reader } from './bytes.js';
import { valueType } from './decode.js';
import { IMMEDIATE, IMMEDIATES, OP, PREFIXED } from './opcodes.js';
import { refuse } from './refusal.js';
import { SIMD, type SimdOp } from './simd.js';

/** Reads over what follows an opcode; refuses an opcode that is not supported. */
export function skipImmediates(reader: Reader, op: number): void {
  switch (IMMEDIATES[op]) {
    case IMMEDIATE.none:
      break;
    case IMMEDIATE.leb:
      reader.skipLeb();
      break;
    case IMMEDIATE.memarg:
      if (reader.u8() > 3) refuse('this kind of memory access is not supported', reader.at - 1);
      reader.skipLeb();
      break;
    case IMMEDIATE.four:
      reader.skip(4);
      break;
    case IMMEDIATE.eight:
      reader.skip(8);
      break;
    case IMMEDIATE.blocktype:
      reader.s33();
      break;
    case IMMEDIATE.labels:
      for (let n = reader.u32() + 1; n > 0; n--) reader.skipLeb();
      break;
    case IMMEDIATE.two:
      reader.skipLeb();
      reader.skipLeb();
      break;
    case IMMEDIATE.types:
      for (let n = reader.u32(); n > 0; n--) valueType(reader);
      break;
    case IMMEDIATE.byte:
      reader.skip(1);
      break;
    default:
      refuse(unsupported(op), reader.at - 1);
  }
}

/** The number behind the 0xfc prefix; its immediates are read over. */
export function readPrefixed(reader: Reader, at: number): { number: number; info: NonNullable<(typeof PREFIXED)[number]> } {
  const number = reader.u32();
  const info = PREFIXED[number];
  if (!info) return refuse(number === 15 ? 'table.grow is not supported' : `instruction 0xfc ${number} is not supported`, at);
  for (let i = 0; i < info.lebs; i++) reader.skipLeb();
  return { number, info };
}

/** The number behind the 0xfd prefix; `at` is where the prefix is. */
export function vectorNumber(reader: Reader, at: number): number {
  const number = reader.u32();
  if (number > 0xff) refuse('relaxed SIMD is not supported: its results differ by device (compile without -mrelaxed-simd)', at);
  return SIMD[number] ? number : refuse(`instruction 0xfd ${number} is not supported`, at);
}

/** Reads over the immediates of an instruction on vectors. */
export function readVector(reader: Reader, { immediate }: SimdOp): void {
  if (immediate === 'memarg' || immediate === 'memarg lane') {
    if (reader.u8() > 4) refuse('this kind of memory access is not supported', reader.at - 1);
    reader.skipLeb();
  }
  if (immediate === 'lane' || immediate === 'memarg lane') reader.skip(1);
  if (immediate === 'constant' || immediate === 'shuffle') reader.skip(16);
}

/** Reads from inside a block to the `end` or `else` that closes it, and stays before that. */
export function skipToEnd(reader: Reader): void {
  for (let nested = 0; ; ) {
    const at = reader.at;
    const op = reader.u8();
    if (nested === 0 && (op === OP.end || op === OP.else)) {
      reader.at = at;
      return;
    }
    if (op === OP.end) nested--;
    else if (op === OP.block || op === OP.loop || op === OP.if) nested++;
    if (op === OP.prefixed) readPrefixed(reader, at);
    else if (op === OP.vector) readVector(reader, SIMD[vectorNumber(reader, at)] as SimdOp);
    else skipImmediates(reader, op);
  }
}

export function unsupported(op: number): string {
  if (op === 0xfe) return 'atomic instructions and threads are not supported';
  if (op === 0x12 || op === 0x13) return 'tail calls are not supported';
  if ((op >= 0x06 && op <= 0x0a) || op === 0x18 || op === 0x19 || op === 0x1f) return 'exceptions are not supported';
  if (op === 0xfb) return 'garbage-collected types are not supported';
  return `instruction 0x${op.toString(16)} is not supported`;
}
