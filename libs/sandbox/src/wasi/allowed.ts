import { brief, moduleRefused } from '../meter/refusal.js';
import type { FunctionType, Import } from '../meter/shape.js';
import { WASI_MODULE, WASI_SIGNATURES } from './signatures.js';

const LETTERS: Readonly<Record<number, string>> = { 127: 'i', 126: 'I', 125: 'f', 124: 'F', 123: 'v' };

export function signature(type: FunctionType): string {
  const letters = (types: Uint8Array) => Array.from(types, (t) => LETTERS[t] ?? '?').join('');
  return `${letters(type.params)}:${letters(type.results)}`;
}

/** Throws `HeapError('module_refused')` for an import that WASI preview 1 does not have, or has with another type. */
export function checkImports(imports: readonly Import[]): void {
  for (const { module, name, type } of imports) {
    const expected = module === WASI_MODULE ? WASI_SIGNATURES[name as keyof typeof WASI_SIGNATURES] : undefined;
    if (expected === undefined || !Object.hasOwn(WASI_SIGNATURES, name))
      throw moduleRefused(`it imports ${brief(module)}.${brief(name)}; only ${WASI_MODULE} is provided`);
    if (signature(type) !== expected)
      throw moduleRefused(`it imports ${module}.${name} with type ${signature(type)} instead of ${expected}`);
  }
}
