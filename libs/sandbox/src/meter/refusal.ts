import { HeapError } from '#units';

/** Raised inside the instrumenter; `meter` turns it into a `HeapError` that also names the function. */
export class Refusal extends Error {
  constructor(
    readonly reason: string,
    readonly byte_offset: number,
  ) {
    super(reason);
  }
}

/** A name of the module's own, cut so that a refusal stays a sentence. */
export const brief = (name: string): string => (name.length > 100 ? `${name.slice(0, 100)}…` : name);

export function refuse(reason: string, byte_offset: number): never {
  throw new Refusal(reason, byte_offset);
}

export interface RefusedAt {
  byte_offset?: number;
  function_index?: number;
  function_name?: string;
  line?: number;
}

/** The one error for a module that may not run: it is the developer's to mend, and says where. */
export function moduleRefused(reason: string, at: RefusedAt = {}): HeapError {
  const name = at.function_name === undefined ? '' : ` (${at.function_name})`;
  const place = [
    at.function_index === undefined ? null : `function ${at.function_index}${name}`,
    at.byte_offset === undefined ? null : `byte ${at.byte_offset}`,
    at.line === undefined ? null : `line ${at.line}`,
  ].filter((part) => part !== null);
  const where = place.length === 0 ? '' : ` at ${place.join(', ')}`;
  return new HeapError('module_refused', `The module was refused${where}: ${reason}.`, 'developer', { reason, ...at });
}
