import type { Setup } from './weights.js';

/** What the decoder learns of a module before it looks at code. */
export interface FunctionType {
  params: Uint8Array;
  results: Uint8Array;
}

export interface Import {
  module: string;
  name: string;
  type: FunctionType;
}

export interface Export {
  name: string;
  kind: number;
  index: number;
  /** Of a function. */
  type?: FunctionType;
}

export interface Span {
  from: number;
  to: number;
}

export interface Shape {
  bytes: Uint8Array;
  types: FunctionType[];
  /** Imported functions first. */
  function_types: number[];
  imports: Import[];
  exports: Export[];
  memory: { min_pages: number; max_pages: number } | null;
  /** Declared ones; imported globals are refused. */
  globals: { type: number; mutable: boolean }[];
  /** A type or a global of the module is a vector: an operand of any function may be one. */
  vectors: boolean;
  tables: number;
  setup: Setup;
  start_function: number | null;
  /** Section bodies by id, for those that are copied or rewritten piece by piece. */
  sections: Map<number, Span>;
  /** Where the entries of the import, global and export sections begin, behind their count. */
  imports_at: number;
  globals_at: number;
  exports_at: number;
}
