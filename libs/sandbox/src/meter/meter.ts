import type { HeapError } from '#units';
import { Analysis, type Body } from './analyse.js';
import { Reader, Writer } from './bytes.js';
import { CAPS } from './caps.js';
import { decode, SECTION } from './decode.js';
import { encode, FUEL_GLOBAL, STACK_GLOBAL } from './encode.js';
import { functionName } from './names.js';
import { moduleRefused, Refusal, refuse } from './refusal.js';
import { type Added, Rewriter } from './rewrite.js';
import type { Export, FunctionType, Import, Shape } from './shape.js';
import type { Setup } from './weights.js';

/** Names these rules and weights. The same bytes under the same id become the same instrumented bytes everywhere. */
export const METER_ID = 'heap-meter/4';

export interface Metered {
  bytes: Uint8Array;
  imports: Import[];
  exports: Export[];
  memory: { min_pages: number; max_pages: number } | null;
  mutable_globals: number;
  /** What every instance costs before it runs. */
  setup: Setup;
}

/**
 * Instruments a module that the engine has found valid (`WebAssembly.validate` first: the rewriting relies on it). Throws
 * `HeapError('module_refused')` with the reason, the byte offset and the function.
 */
export function meter(original: Uint8Array): Metered {
  let index = -1;
  try {
    const shape = decode(original);
    const code = rewriteAll(shape, (i) => {
      index = i;
    });
    index = -1;
    return {
      bytes: encode(shape, code),
      imports: shape.imports,
      exports: shape.exports,
      memory: shape.memory,
      mutable_globals: shape.globals.filter((g) => g.mutable).length,
      setup: shape.setup,
    };
  } catch (error) {
    if (error instanceof Refusal) throw explain(error, original, index);
    throw error;
  }
}

function explain(refusal: Refusal, original: Uint8Array, index: number): HeapError {
  const at = { byte_offset: refusal.byte_offset };
  if (index < 0) return moduleRefused(refusal.reason, at);
  const name = functionName(original, index);
  return moduleRefused(refusal.reason, { ...at, function_index: index, ...(name === undefined ? {} : { function_name: name }) });
}

function rewriteAll(
  shape: Shape,
  entering: (function_index: number) => void,
): { bodies: Uint8Array; count: number; results_types: Uint8Array[] } {
  const results_types: Uint8Array[] = [];
  const added: Added = {
    fuel_global: shape.globals.length + FUEL_GLOBAL,
    stack_global: shape.globals.length + STACK_GLOBAL,
    grow_function: shape.function_types.length,
    resultsType: (results) => {
      results_types.push(results);
      return shape.types.length + results_types.length - 1;
    },
  };
  const span = shape.sections.get(SECTION.code);
  const declared = shape.function_types.length - shape.imports.length;
  if (!span) return declared === 0 ? { bodies: new Uint8Array(0), count: 0, results_types } : refuse('functions without code', 0);
  const reader = new Reader(shape.bytes, span.from, span.to);
  const count = reader.u32();
  if (count !== declared) refuse(`${declared} functions are declared and ${count} have code`, span.from);
  const analysis = new Analysis(shape);
  const code = new Writer(1 << 16);
  const rewriter = new Rewriter(shape.bytes, added, code);
  const declarations = new Writer(256);
  const bodies = new Writer(span.to - span.from + ((span.to - span.from) >> 1));
  for (let i = 0; i < count; i++) {
    entering(shape.imports.length + i);
    const type = shape.types[shape.function_types[shape.imports.length + i] as number] as FunctionType;
    const body = readBody(reader);
    const plan = analysis.run(body, type);
    rewriter.run(body, type, plan, analysis.segments, declarations);
    bodies.u32(declarations.length + code.length);
    bodies.raw(declarations.done());
    bodies.raw(code.done());
    reader.at = body.end;
  }
  return { bodies: bodies.done(), count, results_types };
}

function readBody(reader: Reader): Body {
  const size = reader.u32();
  const start = reader.at;
  if (size > CAPS.body_bytes) refuse(`it is ${size} bytes long and at most ${CAPS.body_bytes} are allowed`, start);
  reader.skip(size);
  const end = reader.at;
  reader.at = start;
  const groups = reader.u32();
  if (groups > CAPS.locals) refuse(`it has more than ${CAPS.locals} groups of locals`, start);
  const declarations_at = reader.at;
  for (let i = 0; i < groups; i++) {
    reader.skipLeb();
    reader.skip(1);
  }
  return { declarations_at, groups, code_at: reader.at, end };
}
