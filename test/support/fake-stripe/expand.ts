import type { World } from './world.js';

/** A copy of an object with the references along each path replaced by what they refer to. */
export function expanded(world: World, value: unknown, paths: readonly string[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const path of paths) expandPath(world, copy, path.split('.'));
  return copy;
}

function expandPath(world: World, at: unknown, [name, ...rest]: readonly string[]): void {
  if (name === undefined || typeof at !== 'object' || at === null) return;
  if (Array.isArray(at)) {
    for (const member of at) expandPath(world, member, [name, ...rest]);
    return;
  }
  const holder = at as Record<string, unknown>;
  const member = holder[name];
  if (typeof member === 'string') holder[name] = structuredClone(world.lookUp(member)) ?? member;
  expandPath(world, holder[name], rest);
}
