/** The part of the WebAssembly JavaScript API we use, typed here because this library is compiled without DOM types. */
export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
export interface GlobalVariable<T> {
  value: T;
}
declare const compiled: unique symbol;
export interface CompiledModule {
  readonly [compiled]: true;
}
export type ImportedFunction = (...args: never[]) => unknown;
export type Imports = Record<string, Record<string, ImportedFunction | Memory>>;

interface WebAssemblyApi {
  Module: { new (bytes: Uint8Array): CompiledModule };
  Memory: { new (limits: { initial: number; maximum: number }): Memory };
  Instance: { new (module: CompiledModule, imports: Imports): { readonly exports: Record<string, unknown> } };
  RuntimeError: ErrorConstructor;
  CompileError: ErrorConstructor;
  validate(bytes: Uint8Array): boolean;
}

export const wasm = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

export const PAGE_BYTES = 65_536;
