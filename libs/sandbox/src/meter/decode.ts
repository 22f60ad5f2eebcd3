import { Reader } from './bytes.js';
import { CAPS } from './caps.js';
import { OP, TYPE } from './opcodes.js';
import { brief, refuse } from './refusal.js';
import type { Shape } from './shape.js';
import { SIMD_OP } from './simd.js';

export const SECTION = {
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** Names that belong to the instrumenter. */
export const RESERVED_PREFIX = '__heap_';
/** What LLVM's linker calls the free memory's bounds, and Rust's compiler exports of every module. */
const LINKER_NAMES: ReadonlySet<string> = new Set(['__heap_base', '__heap_end']);

const MAX_PAGES = 65_536;
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Reads everything but code. The engine has validated the bytes already: what is checked here is what we allow. */
export function decode(bytes: Uint8Array): Shape {
  if (bytes.length > CAPS.module_bytes) refuse(`it is ${bytes.length} bytes long and at most ${CAPS.module_bytes} are allowed`, 0);
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) refuse('it is not a WebAssembly 1.0 module (a component is not a module)', 0);
  const shape: Shape = {
    bytes,
    types: [],
    function_types: [],
    imports: [],
    exports: [],
    memory: null,
    globals: [],
    vectors: false,
    tables: 0,
    setup: { table_elements: 0, elements: 0, active_segments: 0, data_bytes: 0 },
    start_function: null,
    sections: sectionsOf(bytes),
    imports_at: 0,
    globals_at: 0,
    exports_at: 0,
  };
  each(shape, SECTION.type, CAPS.types, (r) => readType(r, shape));
  shape.imports_at = each(shape, SECTION.import, CAPS.imports, (r) => readImport(r, shape));
  each(shape, SECTION.function, CAPS.functions, (r) => shape.function_types.push(typeIndex(r, shape)));
  each(shape, SECTION.table, CAPS.tables, (r) => readTable(r, shape));
  each(shape, SECTION.memory, 1, (r) => {
    shape.memory = readMemory(r);
  });
  shape.globals_at = each(shape, SECTION.global, CAPS.globals, (r) => readGlobal(r, shape));
  shape.exports_at = each(shape, SECTION.export, CAPS.exports, (r) => readExport(r, shape));
  const start = shape.sections.get(SECTION.start);
  if (start) shape.start_function = new Reader(bytes, start.from, start.to).u32();
  each(shape, SECTION.element, CAPS.segments, (r) => readElements(r, shape));
  each(shape, SECTION.data, CAPS.segments, (r) => readData(r, shape));
  return shape;
}

function sectionsOf(bytes: Uint8Array): Shape['sections'] {
  const sections: Shape['sections'] = new Map();
  const reader = new Reader(bytes, MAGIC.length);
  while (reader.at < bytes.length) {
    const at = reader.at;
    const id = reader.u8();
    const length = reader.u32();
    const from = reader.at;
    reader.skip(length);
    if (id === 0) continue; // custom sections say nothing about execution and are dropped
    if (id > SECTION.dataCount) refuse(`section ${id} belongs to a proposal that is not supported`, at);
    if (sections.has(id)) refuse(`section ${id} occurs twice`, at);
    sections.set(id, { from, to: reader.at });
  }
  return sections;
}

/** Calls `read` for every entry of a section; answers where the first one begins. */
function each(shape: Shape, id: number, cap: number, read: (reader: Reader) => void): number {
  const span = shape.sections.get(id);
  if (!span) return 0;
  const reader = new Reader(shape.bytes, span.from, span.to);
  const count = reader.u32();
  if (count > cap) refuse(`section ${id} has ${count} entries and at most ${cap} are allowed`, span.from);
  const first = reader.at;
  for (let i = 0; i < count; i++) read(reader);
  if (reader.at !== span.to) refuse(`section ${id} has bytes left over`, reader.at);
  return first;
}

export function valueType(reader: Reader): number {
  const at = reader.at;
  const type = reader.u8();
  if ((type >= TYPE.v128 && type <= TYPE.i32) || type === TYPE.funcref || type === TYPE.externref) return type;
  return refuse(`value type 0x${type.toString(16)} is not supported`, at);
}

function readType(reader: Reader, shape: Shape): void {
  const at = reader.at;
  if (reader.u8() !== 0x60) refuse('only function types are supported (no garbage-collected types)', at);
  const list = (cap: number) => {
    const n = reader.u32();
    if (n > cap) refuse(`a function has ${n} parameters or results and at most ${cap} are allowed`, at);
    return Uint8Array.from({ length: n }, () => valueType(reader));
  };
  const type = { params: list(CAPS.params), results: list(CAPS.results) };
  if (type.params.includes(TYPE.v128) || type.results.includes(TYPE.v128)) shape.vectors = true;
  shape.types.push(type);
}

function typeIndex(reader: Reader, shape: Shape): number {
  const at = reader.at;
  const index = reader.u32();
  if (index >= shape.types.length) refuse(`type ${index} does not exist`, at);
  return index;
}

function readImport(reader: Reader, shape: Shape): void {
  const at = reader.at;
  const module = reader.name();
  const name = reader.name();
  const kind = reader.u8();
  const what = ['function', 'table', 'memory', 'global'][kind] ?? 'tag';
  if (kind !== 0) refuse(`it imports the ${what} ${brief(module)}.${brief(name)}; a module must bring its own`, at);
  const index = typeIndex(reader, shape);
  shape.function_types.push(index);
  shape.imports.push({ module, name, type: shape.types[index] as Shape['types'][number] });
}

function readLimits(reader: Reader, cap: number): { min: number; max: number } {
  const at = reader.at;
  const flags = reader.u8();
  if (flags > 1) refuse(flags & 2 ? 'shared memory and threads are not supported' : '64-bit memory is not supported', at);
  const min = reader.u32();
  return { min, max: flags === 1 ? reader.u32() : cap };
}

function readTable(reader: Reader, shape: Shape): void {
  const at = reader.at;
  const type = reader.u8();
  if (type !== TYPE.funcref && type !== TYPE.externref) refuse('a table of this kind is not supported', at);
  const { min } = readLimits(reader, CAPS.table_elements);
  if (min > CAPS.table_elements) refuse(`a table has ${min} elements and at most ${CAPS.table_elements} are allowed`, at);
  shape.tables++;
  shape.setup.table_elements += min;
}

function readMemory(reader: Reader): { min_pages: number; max_pages: number } {
  const { min, max } = readLimits(reader, MAX_PAGES);
  return { min_pages: min, max_pages: Math.min(max, MAX_PAGES) };
}

function readGlobal(reader: Reader, shape: Shape): void {
  const type = valueType(reader);
  if (type === TYPE.v128) shape.vectors = true;
  const mutable = reader.u8() === 1;
  readConstant(reader);
  shape.globals.push({ type, mutable });
}

function readExport(reader: Reader, shape: Shape): void {
  const at = reader.at;
  const name = reader.name();
  if (name.startsWith(RESERVED_PREFIX) && !LINKER_NAMES.has(name))
    refuse(`it exports ${brief(name)}, but names beginning with ${RESERVED_PREFIX} are reserved`, at);
  const kind = reader.u8();
  const index = reader.u32();
  const type = kind === 0 ? shape.types[shape.function_types[index] ?? -1] : undefined;
  shape.exports.push({ name, kind, index, ...(type ? { type } : {}) });
}

/** One instruction and `end`: engines differ in which longer constant expressions they take. */
function readConstant(reader: Reader): void {
  const at = reader.at;
  const op = reader.u8();
  if (op === OP.i32Const || op === OP.i64Const || op === OP.globalGet || op === OP.refFunc) reader.skipLeb();
  else if (op === OP.f32Const) reader.skip(4);
  else if (op === OP.f64Const) reader.skip(8);
  else if (op === OP.refNull) reader.skip(1);
  else if (op === OP.vector && reader.u8() === SIMD_OP.constant) reader.skip(16);
  else refuse(`instruction 0x${op.toString(16)} in a constant expression is not supported`, at);
  if (reader.u8() !== OP.end) refuse('a constant expression of several instructions is not supported', at);
}

function readElements(reader: Reader, shape: Shape): void {
  const at = reader.at;
  const flags = reader.u32();
  if (flags > 7) refuse(`element segment of kind ${flags} is not supported`, at);
  const active = (flags & 1) === 0;
  const explicit = (flags & 2) !== 0;
  if (active && explicit) reader.u32();
  if (active) readConstant(reader);
  if (flags & 3) reader.skip(1); // element kind or reference type
  const count = reader.u32();
  if (count > CAPS.table_elements) refuse(`an element segment has ${count} entries and at most ${CAPS.table_elements} are allowed`, at);
  shape.setup.elements += active ? count : 0;
  shape.setup.active_segments += active ? 1 : 0;
  for (let i = 0; i < count; i++) flags & 4 ? readConstant(reader) : reader.skipLeb();
}

function readData(reader: Reader, shape: Shape): void {
  const at = reader.at;
  const flags = reader.u32();
  if (flags > 2) refuse(`data segment of kind ${flags} is not supported`, at);
  if (flags === 2) reader.u32();
  if (flags !== 1) readConstant(reader);
  const length = reader.u32();
  shape.setup.data_bytes += flags === 1 ? 0 : length;
  shape.setup.active_segments += flags === 1 ? 0 : 1;
  reader.skip(length);
}
