import { fault } from '../errno.js';
import type { DirectoryNode, FsNode } from './node.js';

export const PATH_BYTES_MAX = 4096;
export const NAME_BYTES_MAX = 255;
const COMPONENTS_MAX = 64;

const encoder = new TextEncoder();

/** Where a path leads. */
export interface Place {
  /** The directory that has the last name, or would have it. */
  directory: DirectoryNode;
  /** Null when the path ends with `.` or `..`: it names a directory by no name that could be changed. */
  name: string | null;
  /** Null when there is nothing of that name. */
  node: FsNode | null;
  /** The path ends with a slash: only a directory will do. */
  as_directory: boolean;
}

/**
 * Follows a path from a directory and never above it; there are no symbolic links that could lead elsewhere.
 * @param visit is told of each name, so that it can be paid for.
 */
export function walk(base: DirectoryNode, path: string, visit: () => void): Place {
  if (path === '') fault('noent');
  if (path.includes('\0')) fault('inval');
  if (path.startsWith('/')) fault('notcapable');
  const above: DirectoryNode[] = [base];
  let directory = base;
  let name: string | null = null;
  let node: FsNode | null = base;
  let as_directory = false;
  let names = 0;
  for (const part of path.split('/')) {
    as_directory = part === '';
    if (as_directory) continue;
    visit();
    const here: FsNode = node ?? fault('noent');
    if (here.kind !== 'directory') return fault('notdir');
    if (part === '.') {
      directory = here;
      name = null;
    } else if (part === '..') {
      above.pop();
      directory = above.at(-1) ?? fault('notcapable');
      name = null;
      node = directory;
    } else {
      if (++names > COMPONENTS_MAX || isTooLong(part)) fault('nametoolong');
      directory = here;
      name = part;
      node = here.entries.get(part)?.node ?? null;
      if (node?.kind === 'directory') above.push(node);
    }
  }
  if (as_directory && node?.kind === 'file') fault('notdir');
  return { directory, name, node, as_directory };
}

/** In bytes of UTF-8, of which a UTF-16 unit takes at most three. */
const isTooLong = (name: string): boolean => name.length * 3 > NAME_BYTES_MAX && encoder.encode(name).length > NAME_BYTES_MAX;
