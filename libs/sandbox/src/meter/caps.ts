/**
 * Caps against compile bombs. No engine can cancel an optimising compile, so a module must be harmless before an engine sees it: without
 * them 1.2 MB of code took 8.9 GB to compile, and stopping a worker blocked for minutes. Real programs stay far below (SQLite: bodies of
 * 59 KB, 65 locals, 123 loops).
 */
export const CAPS = {
  module_bytes: 16 * 1024 * 1024,
  /** Of a JavaScript module. */
  source_bytes: 4 * 1024 * 1024,
  functions: 100_000,
  types: 20_000,
  imports: 1_000,
  globals: 10_000,
  exports: 20_000,
  tables: 16,
  table_elements: 65_536,
  segments: 100_000,
  params: 256,
  results: 64,
  body_bytes: 128 * 1024,
  locals: 1024,
  loops_per_function: 256,
  /** Register allocators are quadratic in this product. */
  locals_times_blocks: 2_000_000,
  nesting: 1_000,
} as const;
