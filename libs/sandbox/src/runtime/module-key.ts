import type { ModuleSource } from '../port.js';

/** The same source behaves differently by kind and codec. */
export function moduleKey(module_hash: string, source: Pick<ModuleSource, 'kind' | 'codec'>): string {
  return source.kind === 'wasm' ? module_hash : `${module_hash}:${source.codec}`;
}
