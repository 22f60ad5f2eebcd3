import { transformSync } from 'amaro';
import { moduleRefused } from '../meter/refusal.js';

const encoder = new TextEncoder();

interface SyntaxProblem {
  message?: string;
  startLine?: number;
}

/**
 * TypeScript without its types, every other character where it was: error messages keep the developer's own lines and columns. Node.js's own
 * transformer (amaro) does it. Throws `HeapError('module_refused')` for what is not TypeScript, and for syntax that is more than types (enums,
 * namespaces with values, parameter properties), with the line.
 */
export function stripTypes(source: string): Uint8Array {
  try {
    return encoder.encode(transformSync(source, { mode: 'strip-only' }).code);
  } catch (problem) {
    const { message = String(problem), startLine } = problem as SyntaxProblem;
    throw moduleRefused(message.replace(/\.?\s*$/, ''), startLine === undefined ? {} : { line: startLine });
  }
}
