import { wasm } from './engine.js';

/** Engines word their traps differently; these kinds are what they agree on. */
const KINDS: readonly [RegExp, string][] = [
  [/unreachable/i, 'unreachable'],
  [/null function|signature|indirect call|table index|null/i, 'indirect call'],
  [/out of bounds|out-of-bounds/i, 'out of bounds'],
  [/zero/i, 'division by zero'],
  [/unrepresentable|overflow|conversion|invalid/i, 'number out of range'],
];

export function trapKind(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  return KINDS.find(([pattern]) => pattern.test(message))?.[1] ?? 'trap';
}

/** The host's own stack ended before the module's budget did. */
export function isHostStack(error: unknown): boolean {
  if (error instanceof wasm.RuntimeError) return false;
  return /call stack|recursion|stack overflow/i.test(String((error as { message?: unknown }).message));
}

/** The host could not give the memory a module starts with. */
export function isHostMemory(error: unknown): boolean {
  return error instanceof RangeError && /memory/i.test(error.message);
}
