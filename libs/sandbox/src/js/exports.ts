import type { Globals } from '../runtime/command.js';
import type { GlobalVariable, Memory } from '../runtime/engine.js';

/** Address of a boxed JavaScript value in the engine's memory. */
export type Box = number;

/** What we use of quickjs-wasi 3.6 (QuickJS-NG): its own JavaScript side is not loaded. */
export interface EngineExports extends Globals {
  memory: Memory;
  __stack_pointer: GlobalVariable<number>;
  _initialize(): void;
  qjs_init(): number;
  qjs_set_max_stack_size(bytes: number): void;
  qjs_eval(code: number, length: number, filename: number, flags: number): Box;
  qjs_call(f: Box, self: Box, argc: number, argv: number): Box;
  qjs_new_host_function(name: number, length: number, argc: number): Box;
  qjs_new_string(text: number, length: number): Box;
  qjs_new_uint8_array(bytes: number, length: number): Box;
  qjs_get_undefined(): Box;
  qjs_get_true(): Box;
  qjs_get_false(): Box;
  qjs_get_bool(value: Box): number;
  qjs_get_float64(value: Box): number;
  qjs_get_string_len(value: Box, length_at: number): number;
  qjs_free_cstring(text: number): void;
  qjs_get_typed_array_buffer(value: Box, offset_at: number, length_at: number, element_at: number): Box;
  qjs_get_array_buffer(value: Box, length_at: number): number;
  qjs_get_prop_string(object: Box, name: number): Box;
  qjs_free_value(value: Box): void;
  qjs_is_exception(value: Box): number;
  qjs_is_undefined(value: Box): number;
  qjs_is_string(value: Box): number;
  qjs_get_exception(): Box;
  qjs_promise_state(promise: Box): number;
  qjs_promise_result(promise: Box): Box;
  qjs_is_job_pending(): number;
  qjs_execute_pending_job(): number;
  wasm_malloc(bytes: number): number;
  wasm_free(pointer: number): void;
}

export const EVAL_GLOBAL = 0;
export const EVAL_MODULE = 1;
/** Frames of the code before this one stay out of stack traces. */
export const EVAL_BACKTRACE_BARRIER = 1 << 6;

export const PROMISE = { pending: 0, fulfilled: 1, rejected: 2 } as const;
