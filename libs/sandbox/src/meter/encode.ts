import { Writer } from './bytes.js';
import { RESERVED_PREFIX, SECTION } from './decode.js';
import { OP, TYPE } from './opcodes.js';
import type { Shape } from './shape.js';
import { NEW_PAGE_FUEL } from './weights.js';

/** What a host finds in an instrumented module. */
export const EXPORTS = {
  /** Mutable i64: fuel left. Negative after the run means out of fuel. */
  fuel: `${RESERVED_PREFIX}fuel`,
  /** Mutable i64: bytes of stack left; set it before every call from outside. Negative means stack overflow. */
  stack: `${RESERVED_PREFIX}stack`,
  /** Mutable i32: pages the memory may have. */
  pages: `${RESERVED_PREFIX}pages`,
  /** Mutable i32: 1 when the host could not give memory that the grant allows. */
  lack: `${RESERVED_PREFIX}lack`,
  /** The start function of a module that had one: call it first. */
  start: `${RESERVED_PREFIX}start`,
} as const;

/**
 * The memory becomes an import, so that a host can use one again after wiping it: mapping a new one costs several times what starting the
 * instance does.
 */
export const MEMORY_IMPORT = { module: RESERVED_PREFIX.slice(0, -1), name: 'memory' } as const;

/** The globals appended, in order. */
const GLOBALS = [TYPE.i64, TYPE.i64, TYPE.i32, TYPE.i32];
const NAMES = [EXPORTS.fuel, EXPORTS.stack, EXPORTS.pages, EXPORTS.lack];

export interface Code {
  /** The bodies with their lengths, without the count. */
  bodies: Uint8Array;
  count: number;
  /** Types for blocks with several results, appended to the module's own. */
  results_types: Uint8Array[];
}

export const FUEL_GLOBAL = 0;
export const STACK_GLOBAL = 1;
const PAGES_GLOBAL = 2;
const LACK_GLOBAL = 3;

/** Puts the module together again: known sections in order, custom ones left out, the start section turned into an export. */
export function encode(shape: Shape, code: Code): Uint8Array {
  const { bytes, sections } = shape;
  const out = new Writer(bytes.length + code.bodies.length + 4096);
  out.copy(bytes, 0, 8);
  const section = (id: number, write: (w: Writer) => void) => {
    const body = new Writer(1024);
    write(body);
    out.u8(id);
    out.u32(body.length);
    out.raw(body.done());
  };
  const copied = (id: number) => {
    const span = sections.get(id);
    if (span) section(id, (w) => w.copy(bytes, span.from, span.to));
  };

  section(SECTION.type, (w) => writeTypes(w, shape, code.results_types));
  section(SECTION.import, (w) => writeImports(w, shape));
  section(SECTION.function, (w) => {
    w.u32(code.count + 1);
    for (const type of shape.function_types.slice(shape.imports.length)) w.u32(type);
    w.u32(shape.types.length + code.results_types.length);
  });
  copied(SECTION.table);
  section(SECTION.global, (w) => writeGlobals(w, shape));
  section(SECTION.export, (w) => writeExports(w, shape));
  copied(SECTION.element);
  copied(SECTION.dataCount);
  const grow = growHelper(shape);
  out.u8(SECTION.code);
  const count = new Writer(8);
  count.u32(code.count + 1);
  out.u32(count.length + code.bodies.length + grow.length);
  out.raw(count.done());
  out.raw(code.bodies);
  out.raw(grow);
  copied(SECTION.data);
  return out.done();
}

/** The module's own types, those of the wrapped blocks, and last the helper's i32 -> i32. */
function writeTypes(w: Writer, shape: Shape, results_types: Uint8Array[]): void {
  w.u32(shape.types.length + results_types.length + 1);
  const write = (params: Uint8Array, results: Uint8Array) => {
    w.u8(0x60);
    w.u32(params.length);
    w.raw(params);
    w.u32(results.length);
    w.raw(results);
  };
  for (const type of shape.types) write(type.params, type.results);
  for (const results of results_types) write(new Uint8Array(0), results);
  write(Uint8Array.of(TYPE.i32), Uint8Array.of(TYPE.i32));
}

function writeImports(w: Writer, shape: Shape): void {
  const { memory } = shape;
  w.u32(shape.imports.length + (memory ? 1 : 0));
  const span = shape.sections.get(SECTION.import);
  if (span) w.copy(shape.bytes, shape.imports_at, span.to);
  if (!memory) return;
  w.name(MEMORY_IMPORT.module);
  w.name(MEMORY_IMPORT.name);
  w.bytes(2, 1);
  w.u32(memory.min_pages);
  w.u32(memory.max_pages);
}

function writeGlobals(w: Writer, shape: Shape): void {
  w.u32(shape.globals.length + GLOBALS.length);
  const span = shape.sections.get(SECTION.global);
  if (span) w.copy(shape.bytes, shape.globals_at, span.to);
  for (const type of GLOBALS) w.bytes(type, 1, type === TYPE.i64 ? OP.i64Const : OP.i32Const, 0, OP.end);
}

function writeExports(w: Writer, shape: Shape): void {
  w.u32(shape.exports.length + NAMES.length + (shape.start_function === null ? 0 : 1));
  const span = shape.sections.get(SECTION.export);
  if (span) w.copy(shape.bytes, shape.exports_at, span.to);
  NAMES.forEach((name, i) => {
    w.name(name);
    w.u8(3);
    w.u32(shape.globals.length + i);
  });
  if (shape.start_function === null) return;
  w.name(EXPORTS.start);
  w.u8(0);
  w.u32(shape.start_function);
}

/**
 * `memory.grow` by way of the grant: more than the grant or the module's own maximum is refused with -1, the same everywhere. Pages are paid
 * first; if the host then has none, the flag says so and the run ends without a verdict.
 */
function growHelper(shape: Shape): Uint8Array {
  const w = new Writer(128);
  const global = (i: number) => shape.globals.length + i;
  const index = (op: number, i: number) => {
    w.u8(op);
    w.u32(i);
  };
  const i32 = (value: number) => {
    w.u8(OP.i32Const);
    w.s32(value);
  };
  const PAGES = 0;
  const BEFORE = 1;
  const refuseIfMoreThan = (limit: () => void) => {
    index(OP.localGet, PAGES);
    limit();
    w.bytes(OP.memorySize, 0, 0x6b, 0x4b, OP.if, TYPE.empty); // i32.sub, i32.gt_u
    i32(-1);
    w.bytes(OP.return, OP.end);
  };
  if (!shape.memory) {
    w.u8(0);
    i32(-1);
  } else {
    const { max_pages } = shape.memory;
    w.bytes(1, 1, TYPE.i32);
    refuseIfMoreThan(() => index(OP.globalGet, global(PAGES_GLOBAL)));
    refuseIfMoreThan(() => i32(max_pages));
    index(OP.globalGet, global(FUEL_GLOBAL));
    index(OP.localGet, PAGES);
    w.bytes(0xad, OP.i64Const); // i64.extend_i32_u
    w.s32(NEW_PAGE_FUEL);
    w.bytes(0x7e, 0x7d); // i64.mul, i64.sub
    index(OP.globalSet, global(FUEL_GLOBAL));
    index(OP.globalGet, global(FUEL_GLOBAL));
    w.bytes(OP.i64Const, 0, OP.i64LtS, OP.if, TYPE.empty, OP.unreachable, OP.end);
    index(OP.localGet, PAGES);
    w.bytes(OP.memoryGrow, 0);
    index(OP.localTee, BEFORE);
    i32(-1);
    w.bytes(0x46, OP.if, TYPE.empty); // i32.eq
    i32(1);
    index(OP.globalSet, global(LACK_GLOBAL));
    w.bytes(OP.unreachable, OP.end);
    index(OP.localGet, BEFORE);
  }
  w.u8(OP.end);
  const body = new Writer(160);
  body.u32(w.length);
  body.raw(w.done());
  return body.done().slice();
}
